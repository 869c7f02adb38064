-- Regulations in force, proposed, and those that were.
create table regulation (
    id uuid primary key not null,
    key text not null,
    edition text not null,
    title text not null,
    title_en text not null,
    state text not null check (state in ('proposed', 'in_force', 'superseded', 'declined')),
    content text not null,
    proposed_at timestamptz not null,
    proposed_by uuid not null references person (id),
    proposed_by_name text not null,
    decided_at timestamptz,
    decided_by uuid references person (id),
    decided_by_name text,
    reason text,
    version integer not null
);
create index regulation_key on regulation (key, state);

-- What records name by its hash: clauses with their controls, calendars. Never changed.
create table kept_text (
    hash text primary key not null,
    kind text not null check (kind in ('regulation', 'calendar')),
    content text not null,
    kept_at timestamptz not null
);

-- Which unit answers for a clause.
create table clause_owner (
    id uuid primary key not null,
    regulation text not null,
    clause text not null,
    unit_id uuid not null references org_unit (id),
    version integer not null,
    unique (regulation, clause)
);

-- Who has read which version of which regulation.
create table acknowledgement (
    regulation_id uuid not null references regulation (id),
    person_id uuid not null references person (id),
    acknowledged_at timestamptz not null,
    primary key (regulation_id, person_id)
);

-- Derived from the log: nothing here that could not be computed again.
create table obligation (
    id uuid primary key not null,
    control text not null,
    control_version text not null,
    regulation text not null,
    clause text not null,
    severity text not null check (severity in ('minor', 'major', 'critical')),
    key text not null,
    trigger_leaf bigint not null,
    opened_at timestamptz not null,
    due_at timestamptz,
    state text not null check (state in ('open', 'met', 'met_late', 'recorded_late', 'missed', 'breached', 'vacated')),
    closed_leaf bigint,
    changed_at timestamptz not null,
    subject_kind text not null,
    subject_id uuid not null,
    unit_id uuid
);
create index obligation_control on obligation (control, state);
create index obligation_clause on obligation (regulation, clause, state);
create index obligation_opened on obligation (opened_at, id);
create index obligation_due on obligation (due_at) where state = 'open';

-- What people do about what was missed.
create table finding (
    id uuid primary key not null,
    state text not null check (state in ('assigned', 'corrected', 'closed')),
    responsible_id uuid not null references person (id),
    responsible_name text not null,
    due_at timestamptz not null,
    cause text,
    correction text,
    verified_by uuid references person (id),
    verified_by_name text,
    verification text,
    version integer not null
);
create index finding_responsible on finding (responsible_id, state);

-- For a time, a control is not held against somebody.
create table waiver (
    id uuid primary key not null,
    control text not null,
    subject_id uuid,
    reason text not null,
    measures text not null,
    until timestamptz not null,
    state text not null check (state in ('requested', 'approved', 'declined', 'ended')),
    requested_by uuid not null references person (id),
    requested_by_name text not null,
    requested_at timestamptz not null,
    decided_by uuid references person (id),
    decided_by_name text,
    decided_at timestamptz,
    version integer not null
);
create index waiver_control on waiver (control, state);

-- What no machine can see, somebody says with their name.
create table attestation (
    id uuid primary key not null,
    regulation text not null,
    clause text not null,
    statement text not null,
    kept boolean not null,
    attested_by uuid not null references person (id),
    attested_by_name text not null,
    attested_at timestamptz not null
);
create index attestation_clause on attestation (regulation, clause, attested_at);

-- How far the log is evaluated, and what is remembered at some sizes.
create table control_cursor (
    id integer primary key not null check (id = 1),
    next_leaf bigint not null,
    holder uuid,
    lease_until timestamptz
);
insert into control_cursor (id, next_leaf) values (1, 0);

create table control_snapshot (
    next_leaf bigint primary key not null,
    saved text not null
);
