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

-- The cases that were started to correct findings.
create table finding_case (
    case_id blob primary key not null,
    obligation_id blob not null references obligation (id),
    started_at integer not null
) strict;
create index finding_case_of on finding_case (obligation_id, started_at);
