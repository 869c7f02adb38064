-- Reports that come by themselves.
create table report_plan (
    id uuid primary key not null,
    report text not null,
    name text not null,
    period text not null check (period in ('day', 'week', 'month', 'quarter', 'year')),
    unit_id uuid references org_unit (id),
    owner_id uuid not null references person (id),
    owner_name text not null,
    active boolean not null,
    next_at timestamptz not null,
    problem text,
    created_at timestamptz not null,
    version integer not null
);
create index report_plan_next on report_plan (next_at) where active;

-- What was asked for, over which log, and what came of it.
create table report_run (
    id uuid primary key not null,
    report text not null,
    plan_id uuid references report_plan (id),
    parameters jsonb not null,
    unit_id uuid references org_unit (id),
    log_size bigint not null,
    state text not null check (state in ('queued', 'made', 'failed', 'discarded')),
    rows bigint,
    content_hash text,
    reason text,
    requested_by uuid not null references person (id),
    requested_by_name text not null,
    requested_at timestamptz not null,
    finished_at timestamptz,
    version integer not null,
    -- Until when others wait for the replica that makes it.
    busy_until timestamptz
);
create index report_run_requested on report_run (requested_at, id);
create index report_run_queued on report_run (id) where state = 'queued';

-- The content of a run as it was made (RFC 8785, compressed with Zstandard).
create table report_content (
    run_id uuid primary key not null references report_run (id),
    content bytea not null
);
