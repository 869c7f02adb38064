-- A process and its draft.
create table process (
    id uuid primary key not null,
    key text not null unique,
    name text not null,
    name_en text,
    category text,
    category_en text,
    about text,
    about_en text,
    state text not null check (state in ('draft', 'published', 'withdrawn')),
    bpmn text not null,
    form jsonb not null,
    decisions jsonb not null,
    tests jsonb not null,
    origin text,
    origin_hash text,
    draft_changed_at timestamptz not null,
    draft_changed_by text not null,
    version integer not null
);

-- What was published: never changed, except for what it is now.
create table process_release (
    id uuid primary key not null,
    process_id uuid not null references process (id),
    number integer not null,
    state text not null check (state in ('current', 'pilot', 'former')),
    bpmn text not null,
    form jsonb not null,
    decisions jsonb not null,
    tests jsonb not null,
    bindings jsonb not null,
    hash text not null,
    notes text,
    published_at timestamptz not null,
    published_by uuid not null references person (id),
    published_by_name text not null
);
create unique index process_release_number on process_release (process_id, number);

-- A run of a process. control is what the engine knows, data the form.
create table process_case (
    id uuid primary key not null,
    number text not null unique,
    process_id uuid not null references process (id),
    release_id uuid not null references process_release (id),
    title text not null,
    state text not null check (state in ('running', 'completed', 'refused', 'revoked', 'voided', 'terminated')),
    starter_id uuid not null references person (id),
    starter_name text not null,
    unit_id uuid not null references org_unit (id),
    started_at timestamptz not null,
    ended_at timestamptz,
    due timestamptz,
    incident boolean not null,
    parent_id uuid,
    parent_token bigint,
    parent_item integer,
    control jsonb not null,
    data jsonb not null,
    urged_at timestamptz,
    version integer not null
);
create index case_started on process_case (started_at, id);
create index case_running on process_case (state, started_at, id);
create index case_starter on process_case (starter_id, started_at, id);
create index case_process on process_case (process_id, started_at, id);
create index case_unit on process_case (unit_id, started_at, id);
create index case_parent on process_case (parent_id);

-- A seat at a step of a case. Written with each step: no foreign keys to person, as with ticket_text.
create table work_item (
    id uuid primary key not null,
    case_id uuid not null,
    process_id uuid not null,
    token bigint not null,
    item integer,
    element text not null,
    kind text not null check (kind in ('approve', 'do', 'read')),
    position integer not null,
    vote text not null check (vote in ('counts', 'advises', 'follows')),
    state text not null check (state in ('waiting', 'open', 'done', 'closed')),
    owner_id uuid,
    owner_name text,
    weight text not null,
    parent_id uuid,
    added_by uuid,
    delegators text not null,
    outcome text,
    opinion text,
    done_by uuid,
    done_by_name text,
    on_behalf_of uuid,
    automatic text check (automatic in ('dedup', 'overdue', 'empty', 'straight')),
    seen_hash text,
    created_at timestamptz not null,
    due timestamptz,
    overdue_at timestamptz,
    opened_at timestamptz,
    done_at timestamptz,
    opened_by uuid,
    urged integer not null,
    saved text,
    version integer not null
);
create index work_item_case on work_item (case_id);
create index work_item_owner on work_item (owner_id, state, created_at, id);
create index work_item_done on work_item (done_by, done_at, id);
create index work_item_due on work_item (state, due, id);

-- What a case waits for. Whoever deletes the row has fired it.
create table case_wait (
    id uuid primary key not null,
    case_id uuid not null,
    owner text not null,
    element text not null,
    due timestamptz,
    message text,
    remaining integer
);
create index case_wait_due on case_wait (due);
create index case_wait_case on case_wait (case_id);

-- What people read of a case, oldest first.
create table case_story (
    id uuid primary key not null,
    case_id uuid not null,
    at timestamptz not null,
    kind text not null check (kind in ('started', 'opinion', 'returned', 'transferred', 'delegated', 'given_back', 'added_signer', 'removed_signer', 'claimed', 'unclaimed', 'withdrawn', 'taken_back', 'action', 'undone', 'decision', 'incident', 'repaired', 'fired', 'cc', 'urged', 'asked', 'answered', 'handed_over', 'migrated', 'ended')),
    element text,
    work_item_id uuid,
    by_id uuid,
    by_name text not null,
    on_behalf_of text,
    outcome text,
    text text,
    automatic text check (automatic in ('dedup', 'overdue', 'empty', 'straight'))
);
create index case_story_case on case_story (case_id, at, id);

create table case_draft (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    process_id uuid not null references process (id),
    title text not null,
    unit_id uuid,
    data jsonb not null,
    changed_at timestamptz not null,
    version integer not null
);
create index case_draft_person on case_draft (person_id);

create table case_cc (
    case_id uuid not null,
    person_id uuid not null,
    by_name text not null,
    at timestamptz not null,
    read_at timestamptz,
    primary key (case_id, person_id)
);
create index case_cc_person on case_cc (person_id, at);

create table case_question (
    id uuid primary key not null,
    case_id uuid not null,
    from_id uuid not null,
    to_id uuid not null,
    text text not null,
    asked_at timestamptz not null,
    answer text,
    answered_at timestamptz
);
create index case_question_case on case_question (case_id);
create index case_question_to on case_question (to_id, answered_at);

create table notification (
    id uuid primary key not null,
    person_id uuid not null,
    kind text not null check (kind in ('work', 'urged', 'cc', 'asked', 'answered', 'ended', 'returned', 'overdue', 'process', 'incident')),
    text text not null,
    case_id uuid,
    work_item_id uuid,
    at timestamptz not null,
    read_at timestamptz
);
create index notification_person on notification (person_id, at, id);

create table deputy (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    deputy_id uuid not null references person (id),
    valid_from timestamptz not null,
    valid_to timestamptz not null,
    processes jsonb not null,
    ended_at timestamptz
);
create index deputy_deputy on deputy (deputy_id);
create index deputy_person on deputy (person_id);

create table webhook (
    id uuid primary key not null,
    name text not null,
    url text not null,
    secret text not null,
    active boolean not null,
    version integer not null
);

create table webhook_delivery (
    id uuid primary key not null,
    webhook_id uuid not null references webhook (id),
    case_id uuid,
    body text not null,
    created_at timestamptz not null,
    next_at timestamptz,
    attempts integer not null,
    lease_until timestamptz,
    delivered_at timestamptz,
    last_error text
);
create index webhook_delivery_next on webhook_delivery (next_at);

create table process_pilot (
    process_id uuid not null references process (id),
    unit_id uuid not null references org_unit (id),
    primary key (process_id, unit_id)
);

create table process_favourite (
    person_id uuid not null references person (id),
    process_id uuid not null references process (id),
    primary key (person_id, process_id)
);

create table work_candidate (
    work_item_id uuid not null,
    person_id uuid not null,
    primary key (work_item_id, person_id)
);
create index work_candidate_person on work_candidate (person_id);

create table case_event (
    case_id uuid not null,
    seq integer not null,
    at timestamptz not null,
    event jsonb not null,
    primary key (case_id, seq)
);

create table case_file (
    case_id uuid not null,
    file_id uuid not null,
    name text not null,
    media_type text not null,
    size bigint not null,
    field text not null,
    primary key (case_id, file_id)
);
create index case_file_file on case_file (file_id);

create table phrase (
    person_id uuid not null references person (id),
    position integer not null,
    text text not null,
    primary key (person_id, position)
);

create table document_series (
    kind text not null,
    year integer not null,
    last bigint not null,
    primary key (kind, year)
);

create table driver (
    subject_id uuid primary key not null,
    subject_kind text not null,
    case_id uuid not null,
    case_number text not null,
    steps text not null
);
create index driver_case on driver (case_id);

create table pack_source (
    hash text primary key not null,
    source jsonb not null
);
