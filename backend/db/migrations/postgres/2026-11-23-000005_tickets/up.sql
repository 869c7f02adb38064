create table ticket_category (
    id uuid primary key not null,
    name text not null unique,
    kind text check (kind in ('fault', 'request', 'incident', 'consultation')),
    default_unit_id uuid references org_unit (id),
    active boolean not null,
    version integer not null
);

-- Service levels, working hours and the special days of each year: named documents with a version.
create table ticket_setting (
    id uuid primary key not null,
    name text not null unique,
    value jsonb not null,
    version integer not null
);

create table ticket (
    id uuid primary key not null,
    number text not null unique,
    kind text not null check (kind in ('fault', 'request', 'incident', 'consultation')),
    title text not null,
    state text not null check (state in ('new', 'dispatched', 'in_progress', 'waiting_reporter', 'waiting_vendor', 'resolved', 'closed', 'refused', 'cancelled')),
    open boolean not null,
    impact text not null check (impact in ('low', 'medium', 'high')),
    urgency text not null check (urgency in ('low', 'medium', 'high')),
    priority text not null check (priority in ('critical', 'high', 'medium', 'low')),
    category_id uuid references ticket_category (id),
    reporter_id uuid not null references person (id),
    unit_id uuid not null references org_unit (id),
    assigned_unit_id uuid references org_unit (id),
    assignee_id uuid references person (id),
    respond_due timestamptz,
    resolve_due timestamptz,
    responded_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    activity_at timestamptz not null,
    version integer not null
);
create index ticket_created on ticket (created_at, id);
create index ticket_open on ticket (open, created_at, id);
create index ticket_updated on ticket (updated_at, id);
create index ticket_due on ticket (open, resolve_due, id);
create index ticket_reporter on ticket (reporter_id, created_at, id);
create index ticket_assignee on ticket (assignee_id, created_at, id);
create index ticket_group on ticket (assigned_unit_id, created_at, id);
create index ticket_unit on ticket (unit_id, created_at, id);

-- What only the detail shows: lists never read it. It, ticket_equipment and ticket_seen have no foreign key to
-- ticket: checking one looks at the page of the primary key on which all new tickets are inserted, and SERIALIZABLE then refuses
-- one of two that are made at once.
create table ticket_text (
    ticket_id uuid primary key not null,
    description text not null,
    place text,
    contact text,
    pauses jsonb not null,
    appraisal jsonb,
    vendor_repair jsonb,
    resolution text,
    reason text,
    satisfaction integer check (satisfaction between 1 and 5),
    satisfaction_comment text
);

create table ticket_equipment (
    ticket_id uuid not null,
    equipment_id uuid not null references equipment (id),
    primary key (ticket_id, equipment_id)
);
create index ticket_equipment_of on ticket_equipment (equipment_id, ticket_id);

create table ticket_watcher (
    ticket_id uuid not null references ticket (id),
    person_id uuid not null references person (id),
    primary key (ticket_id, person_id)
);
create index ticket_watcher_person on ticket_watcher (person_id, ticket_id);

create table ticket_note (
    id uuid primary key not null,
    ticket_id uuid not null references ticket (id),
    kind text not null check (kind in ('comment', 'site_note')),
    internal boolean not null,
    text text not null,
    author_id uuid not null,
    author_name text not null,
    arrived_at timestamptz,
    left_at timestamptz,
    created_at timestamptz not null
);
create index ticket_note_of on ticket_note (ticket_id, created_at, id);

create table ticket_attachment (
    ticket_id uuid not null references ticket (id),
    file_id uuid not null references file (id),
    note_id uuid references ticket_note (id),
    name text not null,
    media_type text not null,
    size bigint not null,
    internal boolean not null,
    added_by uuid not null,
    added_by_name text not null,
    added_at timestamptz not null,
    primary key (ticket_id, file_id)
);

create table ticket_seen (
    ticket_id uuid not null,
    person_id uuid not null references person (id),
    seen_at timestamptz not null,
    primary key (ticket_id, person_id)
);

create table ticket_view (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    name text not null,
    filter text not null,
    position integer not null,
    version integer not null,
    unique (person_id, name)
);
