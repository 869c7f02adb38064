create table file (
    id uuid primary key not null,
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    uploaded_by uuid not null references person (id),
    created_at timestamptz not null,
    attached_at timestamptz,
    version integer not null
);
create index file_uploaded on file (uploaded_by, attached_at, created_at);
create index file_blob on file (sha256);
