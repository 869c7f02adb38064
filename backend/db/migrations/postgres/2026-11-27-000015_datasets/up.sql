-- Data sets, and who may use them in which way until when.
create table dataset (
    id uuid primary key not null,
    number text not null unique,
    name text not null unique,
    classification text not null check (classification in ('public', 'internal', 'confidential', 'secret')),
    purpose text not null,
    location text not null,
    unit_id uuid not null references org_unit (id),
    custodian_id uuid not null references person (id),
    state text not null check (state in ('active', 'retired')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null
);
create index dataset_updated on dataset (updated_at, id);
create index dataset_unit on dataset (unit_id, updated_at, id);
create index dataset_custodian on dataset (custodian_id, updated_at, id);

create table dataset_grant (
    id uuid primary key not null,
    dataset_id uuid not null references dataset (id),
    person_id uuid not null references person (id),
    mode text not null check (mode in ('read', 'export', 'change')),
    purpose text not null,
    valid_from text not null,
    valid_until text not null,
    given_at timestamptz not null,
    given_by text not null,
    case_id uuid,
    case_number text,
    revoked_at timestamptz,
    revoked_by text,
    revoked_reason text,
    version integer not null
);
create index dataset_grant_of on dataset_grant (dataset_id, id);
create index dataset_grant_person on dataset_grant (person_id, id);
create index dataset_grant_until on dataset_grant (valid_until, id);

-- Their numbers, as those of equipment.
do $$ begin
    for year in 2015..2060 loop
        execute format('create sequence number_dataset_%s', year);
    end loop;
end $$;
