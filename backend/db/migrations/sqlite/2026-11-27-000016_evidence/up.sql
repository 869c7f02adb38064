-- What shows that an attestation is true.
create table attestation_file (
    attestation_id blob not null references attestation (id),
    position integer not null,
    file_id blob not null references file (id),
    name text not null,
    media_type text not null,
    size integer not null,
    sha256 text not null,
    primary key (attestation_id, position)
) strict;

-- The case that corrects a finding: one, as long as it runs or has come to its own end.
create table finding_case (
    obligation_id blob primary key not null references obligation (id),
    case_id blob not null unique,
    started_by blob not null,
    started_by_name text not null,
    started_at integer not null,
    version integer not null
) strict;
