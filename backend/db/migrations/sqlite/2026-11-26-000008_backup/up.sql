create table backup_place (
    id blob primary key not null,
    name text not null unique,
    location text,
    custodian_id blob references person (id),
    inspect_days integer not null,
    inspected_at integer,
    fit integer,
    active integer not null,
    created_at integer not null,
    version integer not null
) strict;

-- The six of the clause: fire, heat, damp, dust, magnetism, theft.
create table backup_inspection (
    id blob primary key not null,
    place_id blob not null references backup_place (id),
    at integer not null,
    by_id blob not null references person (id),
    fire integer not null,
    heat integer not null,
    damp integer not null,
    dust integer not null,
    magnetism integer not null,
    theft integer not null,
    note text
) strict;
create index backup_inspection_of on backup_inspection (place_id, at, id);

create table backup_medium (
    id blob primary key not null,
    serial text not null unique,
    kind text not null check (kind in ('disk', 'tape', 'optical', 'usb', 'nas', 'cloud')),
    seal_number text,
    place_id blob references backup_place (id),
    custodian_id blob references person (id),
    note text,
    active integer not null,
    created_at integer not null,
    version integer not null
) strict;
create index backup_medium_place on backup_medium (place_id);

create table backup_medium_move (
    id blob primary key not null,
    medium_id blob not null references backup_medium (id),
    at integer not null,
    by_name text not null,
    from_place_id blob,
    to_place_id blob,
    from_custodian_id blob,
    to_custodian_id blob,
    seal_number text,
    reason text
) strict;
create index backup_medium_move_of on backup_medium_move (medium_id, at, id);

create table backup_plan (
    id blob primary key not null,
    name text not null unique,
    subject text not null check (subject in ('zhidu', 'equipment', 'application')),
    equipment_id blob references equipment (id),
    application text,
    custodian_id blob references person (id),
    every_hours integer,
    daily_at text,
    keep_last integer not null,
    keep_daily integer not null,
    keep_weekly integer not null,
    keep_monthly integer not null,
    target text,
    offsite text,
    offsite_locked integer not null,
    drill_days integer,
    late_hours integer not null,
    active integer not null,
    next_run_at integer,
    next_drill_at integer,
    busy_until integer,
    alarmed_at integer,
    created_at integer not null,
    updated_at integer not null,
    version integer not null
) strict;

create table backup (
    id blob primary key not null,
    plan_id blob not null references backup_plan (id),
    state text not null check (state in ('running', 'completed', 'failed')),
    started_at integer not null,
    finished_at integer,
    duration_ms integer,
    size integer,
    log_size integer,
    target text,
    folder text,
    sha256 text,
    encrypted integer,
    reason text,
    explanation text,
    offsite text check (offsite in ('copied', 'unlocked', 'failed')),
    verified_at integer,
    drill text check (drill in ('passed', 'failed')),
    drilled_at integer,
    recovery_ms integer,
    age_seconds integer,
    drill_wanted integer not null,
    reported_by blob references person (id),
    medium_id blob references backup_medium (id),
    removed_at integer,
    version integer not null
) strict;
create index backup_newest on backup (started_at, id);
create index backup_of on backup (plan_id, started_at, id);

create table backup_handover (
    id blob primary key not null,
    backup_id blob references backup (id),
    medium_id blob references backup_medium (id),
    place_id blob references backup_place (id),
    giver_id blob not null references person (id),
    receiver_id blob not null references person (id),
    state text not null check (state in ('given', 'received', 'declined', 'withdrawn')),
    given_at integer not null,
    answered_at integer,
    note text,
    answer text,
    version integer not null,
    check (giver_id <> receiver_id)
) strict;
-- A medium is given away once at a time.
create unique index backup_handover_open on backup_handover (medium_id) where state = 'given';
create index backup_handover_newest on backup_handover (given_at, id);
