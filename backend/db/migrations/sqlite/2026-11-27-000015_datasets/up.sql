-- Data sets, and who may use them in which way until when.
create table dataset (
    id blob primary key not null,
    number text not null unique,
    name text not null unique,
    classification text not null check (classification in ('public', 'internal', 'confidential', 'secret')),
    purpose text not null,
    location text not null,
    unit_id blob not null references org_unit (id),
    custodian_id blob not null references person (id),
    state text not null check (state in ('active', 'retired')),
    created_at integer not null,
    updated_at integer not null,
    version integer not null
) strict;
create index dataset_updated on dataset (updated_at, id);
create index dataset_unit on dataset (unit_id, updated_at, id);
create index dataset_custodian on dataset (custodian_id, updated_at, id);

create table dataset_grant (
    id blob primary key not null,
    dataset_id blob not null references dataset (id),
    person_id blob not null references person (id),
    mode text not null check (mode in ('read', 'export', 'change')),
    purpose text not null,
    valid_from text not null,
    valid_until text not null,
    given_at integer not null,
    given_by text not null,
    case_id blob,
    case_number text,
    revoked_at integer,
    revoked_by text,
    revoked_reason text,
    version integer not null
) strict;
create index dataset_grant_of on dataset_grant (dataset_id, id);
create index dataset_grant_person on dataset_grant (person_id, id);
create index dataset_grant_until on dataset_grant (valid_until, id);
