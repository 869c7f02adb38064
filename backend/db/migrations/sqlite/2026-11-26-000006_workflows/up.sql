-- A process and its draft.
create table process (
    id blob primary key not null,
    key text not null unique,
    name text not null,
    name_en text,
    category text,
    category_en text,
    about text,
    about_en text,
    state text not null check (state in ('draft', 'published', 'withdrawn')),
    bpmn text not null,
    form text not null,
    decisions text not null,
    tests text not null,
    origin text,
    origin_hash text,
    draft_changed_at integer not null,
    draft_changed_by text not null,
    version integer not null
) strict;

-- What was published: never changed, except for what it is now.
create table process_release (
    id blob primary key not null,
    process_id blob not null references process (id),
    number integer not null,
    state text not null check (state in ('current', 'pilot', 'former')),
    bpmn text not null,
    form text not null,
    decisions text not null,
    tests text not null,
    bindings text not null,
    hash text not null,
    notes text,
    published_at integer not null,
    published_by blob not null references person (id),
    published_by_name text not null
) strict;
create unique index process_release_number on process_release (process_id, number);

-- A run of a process. control is what the engine knows, data the form.
create table process_case (
    id blob primary key not null,
    number text not null unique,
    process_id blob not null references process (id),
    release_id blob not null references process_release (id),
    title text not null,
    state text not null check (state in ('running', 'completed', 'refused', 'revoked', 'voided', 'terminated')),
    starter_id blob not null references person (id),
    starter_name text not null,
    unit_id blob not null references org_unit (id),
    started_at integer not null,
    ended_at integer,
    due integer,
    incident integer not null,
    parent_id blob,
    parent_token integer,
    parent_item integer,
    control text not null,
    data text not null,
    urged_at integer,
    version integer not null
) strict;
create index case_started on process_case (started_at, id);
create index case_running on process_case (state, started_at, id);
create index case_starter on process_case (starter_id, started_at, id);
create index case_process on process_case (process_id, started_at, id);
create index case_unit on process_case (unit_id, started_at, id);
create index case_parent on process_case (parent_id);

-- A seat at a step of a case. Written with each step: no foreign keys to person, as with ticket_text.
create table work_item (
    id blob primary key not null,
    case_id blob not null,
    process_id blob not null,
    token integer not null,
    item integer,
    element text not null,
    kind text not null check (kind in ('approve', 'do', 'read')),
    position integer not null,
    vote text not null check (vote in ('counts', 'advises', 'follows')),
    state text not null check (state in ('waiting', 'open', 'done', 'closed')),
    owner_id blob,
    owner_name text,
    weight text not null,
    parent_id blob,
    added_by blob,
    delegators text not null,
    outcome text,
    opinion text,
    done_by blob,
    done_by_name text,
    on_behalf_of blob,
    automatic text check (automatic in ('dedup', 'overdue', 'empty', 'straight')),
    seen_hash text,
    created_at integer not null,
    due integer,
    overdue_at integer,
    opened_at integer,
    done_at integer,
    opened_by blob,
    urged integer not null,
    saved text,
    version integer not null
) strict;
create index work_item_case on work_item (case_id);
create index work_item_owner on work_item (owner_id, state, created_at, id);
create index work_item_done on work_item (done_by, done_at, id);
create index work_item_due on work_item (state, due, id);

-- What a case waits for. Whoever deletes the row has fired it.
create table case_wait (
    id blob primary key not null,
    case_id blob not null,
    owner text not null,
    element text not null,
    due integer,
    message text,
    remaining integer
) strict;
create index case_wait_due on case_wait (due);
create index case_wait_case on case_wait (case_id);

-- What people read of a case, oldest first.
create table case_story (
    id blob primary key not null,
    case_id blob not null,
    at integer not null,
    kind text not null check (kind in ('started', 'opinion', 'returned', 'transferred', 'delegated', 'given_back', 'added_signer', 'removed_signer', 'claimed', 'unclaimed', 'withdrawn', 'taken_back', 'action', 'undone', 'decision', 'incident', 'repaired', 'fired', 'cc', 'urged', 'asked', 'answered', 'handed_over', 'migrated', 'ended')),
    element text,
    work_item_id blob,
    by_id blob,
    by_name text not null,
    on_behalf_of text,
    outcome text,
    text text,
    automatic text check (automatic in ('dedup', 'overdue', 'empty', 'straight'))
) strict;
create index case_story_case on case_story (case_id, at, id);

create table case_draft (
    id blob primary key not null,
    person_id blob not null references person (id),
    process_id blob not null references process (id),
    title text not null,
    unit_id blob,
    data text not null,
    changed_at integer not null,
    version integer not null
) strict;
create index case_draft_person on case_draft (person_id);

create table case_cc (
    case_id blob not null,
    person_id blob not null,
    by_name text not null,
    at integer not null,
    read_at integer,
    primary key (case_id, person_id)
) strict;
create index case_cc_person on case_cc (person_id, at);

create table case_question (
    id blob primary key not null,
    case_id blob not null,
    from_id blob not null,
    to_id blob not null,
    text text not null,
    asked_at integer not null,
    answer text,
    answered_at integer
) strict;
create index case_question_case on case_question (case_id);
create index case_question_to on case_question (to_id, answered_at);

create table notification (
    id blob primary key not null,
    person_id blob not null,
    kind text not null check (kind in ('work', 'urged', 'cc', 'asked', 'answered', 'ended', 'returned', 'overdue', 'process', 'incident')),
    text text not null,
    case_id blob,
    work_item_id blob,
    at integer not null,
    read_at integer
) strict;
create index notification_person on notification (person_id, at, id);

create table deputy (
    id blob primary key not null,
    person_id blob not null references person (id),
    deputy_id blob not null references person (id),
    valid_from integer not null,
    valid_to integer not null,
    processes text not null,
    ended_at integer
) strict;
create index deputy_deputy on deputy (deputy_id);
create index deputy_person on deputy (person_id);

create table webhook (
    id blob primary key not null,
    name text not null,
    url text not null,
    secret text not null,
    active integer not null,
    version integer not null
) strict;

create table webhook_delivery (
    id blob primary key not null,
    webhook_id blob not null references webhook (id),
    case_id blob,
    body text not null,
    created_at integer not null,
    next_at integer,
    attempts integer not null,
    lease_until integer,
    delivered_at integer,
    last_error text
) strict;
create index webhook_delivery_next on webhook_delivery (next_at);

create table process_pilot (
    process_id blob not null references process (id),
    unit_id blob not null references org_unit (id),
    primary key (process_id, unit_id)
) strict;

create table process_favourite (
    person_id blob not null references person (id),
    process_id blob not null references process (id),
    primary key (person_id, process_id)
) strict;

create table work_candidate (
    work_item_id blob not null,
    person_id blob not null,
    primary key (work_item_id, person_id)
) strict;
create index work_candidate_person on work_candidate (person_id);

create table case_event (
    case_id blob not null,
    seq integer not null,
    at integer not null,
    event text not null,
    primary key (case_id, seq)
) strict;

create table case_file (
    case_id blob not null,
    file_id blob not null,
    name text not null,
    media_type text not null,
    size integer not null,
    field text not null,
    primary key (case_id, file_id)
) strict;
create index case_file_file on case_file (file_id);

create table phrase (
    person_id blob not null references person (id),
    position integer not null,
    text text not null,
    primary key (person_id, position)
) strict;

create table document_series (
    kind text not null,
    year integer not null,
    last integer not null,
    primary key (kind, year)
) strict;

create table driver (
    subject_id blob primary key not null,
    subject_kind text not null,
    case_id blob not null,
    case_number text not null,
    steps text not null
) strict;
create index driver_case on driver (case_id);

create table pack_source (
    hash text primary key not null,
    source text not null
) strict;
