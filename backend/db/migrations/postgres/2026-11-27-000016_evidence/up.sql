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

-- The case that corrects a finding: one, as long as it runs or has come to its own end.
create table finding_case (
    obligation_id uuid primary key not null references obligation (id),
    case_id uuid not null unique,
    started_by uuid not null,
    started_by_name text not null,
    started_at timestamptz not null,
    version integer not null
);
