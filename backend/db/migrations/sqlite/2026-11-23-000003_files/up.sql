create table file (
    id blob primary key not null,
    name text not null,
    media_type text not null,
    size integer not null,
    sha256 text not null,
    uploaded_by blob not null references person (id),
    created_at integer not null,
    attached_at integer,
    version integer not null
) strict;
create index file_uploaded on file (uploaded_by, attached_at, created_at);
create index file_blob on file (sha256);
