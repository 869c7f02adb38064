-- Reports that come by themselves.
create table report_plan (
    id blob primary key not null,
    report text not null,
    name text not null,
    period text not null check (period in ('day', 'week', 'month', 'quarter', 'year')),
    unit_id blob references org_unit (id),
    owner_id blob not null references person (id),
    owner_name text not null,
    active integer not null check (active in (0, 1)),
    next_at integer not null,
    problem text,
    created_at integer not null,
    version integer not null
) strict;
create index report_plan_next on report_plan (next_at) where active = 1;

-- What was asked for, over which log, and what came of it.
create table report_run (
    id blob primary key not null,
    report text not null,
    plan_id blob references report_plan (id),
    parameters text not null,
    unit_id blob references org_unit (id),
    log_size integer not null,
    state text not null check (state in ('queued', 'made', 'failed', 'discarded')),
    rows integer,
    content_hash text,
    reason text,
    requested_by blob not null references person (id),
    requested_by_name text not null,
    requested_at integer not null,
    finished_at integer,
    version integer not null,
    -- Until when others wait for the replica that makes it.
    busy_until integer
) strict;
create index report_run_requested on report_run (requested_at, id);
create index report_run_queued on report_run (id) where state = 'queued';

-- The content of a run as it was made (RFC 8785, compressed with Zstandard).
create table report_content (
    run_id blob primary key not null references report_run (id),
    content blob not null
) strict;
