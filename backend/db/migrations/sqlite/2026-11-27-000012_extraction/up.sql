-- Records of the log that are to be handed to an authority: asked for by one, approved by two others.
create table extraction (
    id blob primary key not null,
    authority text not null,
    document_number text not null,
    legal_basis text not null,
    selection text not null,
    log_size integer not null,
    records integer not null,
    state text not null check (state in ('requested', 'half_approved', 'approved', 'declined', 'withdrawn')),
    requested_by blob not null references person (id),
    requested_by_name text not null,
    requested_at integer not null,
    first_by blob references person (id),
    first_by_name text,
    first_at integer,
    decided_by blob references person (id),
    decided_by_name text,
    decided_at integer,
    reason text,
    version integer not null
) strict;
create index extraction_requested on extraction (requested_at, id);
