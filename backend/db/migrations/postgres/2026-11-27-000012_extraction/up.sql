-- Records of the log that are to be handed to an authority: asked for by one, approved by two others.
create table extraction (
    id uuid primary key not null,
    authority text not null,
    document_number text not null,
    legal_basis text not null,
    selection jsonb not null,
    log_size bigint not null,
    records bigint not null,
    state text not null check (state in ('requested', 'half_approved', 'approved', 'declined', 'withdrawn')),
    requested_by uuid not null references person (id),
    requested_by_name text not null,
    requested_at timestamptz not null,
    first_by uuid references person (id),
    first_by_name text,
    first_at timestamptz,
    decided_by uuid references person (id),
    decided_by_name text,
    decided_at timestamptz,
    reason text,
    version integer not null
);
create index extraction_requested on extraction (requested_at, id);
