-- What shows that an attestation is true.
create table attestation_file (
    attestation_id uuid not null references attestation (id),
    position integer not null,
    file_id uuid not null references file (id),
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    primary key (attestation_id, position)
);

-- The cases that were started to correct findings.
create table finding_case (
    case_id uuid primary key,
    obligation_id uuid not null references obligation (id),
    started_at timestamptz not null
);
create index finding_case_of on finding_case (obligation_id, started_at);
