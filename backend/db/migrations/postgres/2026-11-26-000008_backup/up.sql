create table backup_place (
    id uuid primary key not null,
    name text not null unique,
    location text,
    custodian_id uuid references person (id),
    inspect_days integer not null,
    inspected_at timestamptz,
    fit boolean,
    active boolean not null,
    created_at timestamptz not null,
    version integer not null
);

-- The six of the clause: fire, heat, damp, dust, magnetism, theft.
create table backup_inspection (
    id uuid primary key not null,
    place_id uuid not null references backup_place (id),
    at timestamptz not null,
    by_id uuid not null references person (id),
    fire boolean not null,
    heat boolean not null,
    damp boolean not null,
    dust boolean not null,
    magnetism boolean not null,
    theft boolean not null,
    note text
);
create index backup_inspection_of on backup_inspection (place_id, at, id);

create table backup_medium (
    id uuid primary key not null,
    serial text not null unique,
    kind text not null check (kind in ('disk', 'tape', 'optical', 'usb', 'nas', 'cloud')),
    seal_number text,
    place_id uuid references backup_place (id),
    custodian_id uuid references person (id),
    note text,
    active boolean not null,
    created_at timestamptz not null,
    version integer not null
);
create index backup_medium_place on backup_medium (place_id);

create table backup_medium_move (
    id uuid primary key not null,
    medium_id uuid not null references backup_medium (id),
    at timestamptz not null,
    by_name text not null,
    from_place_id uuid,
    to_place_id uuid,
    from_custodian_id uuid,
    to_custodian_id uuid,
    seal_number text,
    reason text
);
create index backup_medium_move_of on backup_medium_move (medium_id, at, id);

create table backup_plan (
    id uuid primary key not null,
    name text not null unique,
    subject text not null check (subject in ('zhidu', 'equipment', 'application')),
    equipment_id uuid references equipment (id),
    application text,
    custodian_id uuid references person (id),
    every_hours integer,
    daily_at text,
    keep_last integer not null,
    keep_daily integer not null,
    keep_weekly integer not null,
    keep_monthly integer not null,
    target text,
    offsite text,
    offsite_locked boolean not null,
    drill_days integer,
    late_hours integer not null,
    active boolean not null,
    next_run_at timestamptz,
    next_drill_at timestamptz,
    busy_until timestamptz,
    alarmed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null
);

create table backup (
    id uuid primary key not null,
    plan_id uuid not null references backup_plan (id),
    state text not null check (state in ('running', 'completed', 'failed')),
    started_at timestamptz not null,
    finished_at timestamptz,
    duration_ms bigint,
    size bigint,
    log_size bigint,
    target text,
    folder text,
    sha256 text,
    encrypted boolean,
    reason text,
    explanation text,
    offsite text check (offsite in ('copied', 'unlocked', 'failed')),
    verified_at timestamptz,
    drill text check (drill in ('passed', 'failed')),
    drilled_at timestamptz,
    recovery_ms bigint,
    age_seconds bigint,
    drill_wanted boolean not null,
    reported_by uuid references person (id),
    medium_id uuid references backup_medium (id),
    removed_at timestamptz,
    version integer not null
);
create index backup_newest on backup (started_at, id);
create index backup_of on backup (plan_id, started_at, id);

create table backup_handover (
    id uuid primary key not null,
    backup_id uuid references backup (id),
    medium_id uuid references backup_medium (id),
    place_id uuid references backup_place (id),
    giver_id uuid not null references person (id),
    receiver_id uuid not null references person (id),
    state text not null check (state in ('given', 'received', 'declined', 'withdrawn')),
    given_at timestamptz not null,
    answered_at timestamptz,
    note text,
    answer text,
    version integer not null,
    check (giver_id <> receiver_id)
);
-- A medium is given away once at a time.
create unique index backup_handover_open on backup_handover (medium_id) where state = 'given';
create index backup_handover_newest on backup_handover (given_at, id);
