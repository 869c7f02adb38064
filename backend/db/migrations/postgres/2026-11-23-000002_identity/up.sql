create table org_unit (
    id uuid primary key not null,
    parent_id uuid references org_unit (id),
    code text not null unique,
    name text not null,
    kind text not null check (kind in ('company', 'unit')),
    active boolean not null,
    created_at timestamptz not null,
    version integer not null
);

-- Every unit is its own descendant at depth 0.
create table org_unit_tree (
    ancestor uuid not null references org_unit (id),
    descendant uuid not null references org_unit (id),
    depth integer not null,
    primary key (ancestor, descendant)
);
create index org_unit_tree_descendant on org_unit_tree (descendant, ancestor);

create table person (
    id uuid primary key not null,
    name text not null,
    -- What the name is sorted by: its pinyin.
    name_key text collate "C" not null,
    login text not null unique,
    employee_number text unique,
    email text,
    phone text,
    active boolean not null,
    language text check (language in ('zh-CN', 'en')),
    theme text not null check (theme in ('light', 'dark', 'system')),
    created_at timestamptz not null,
    version integer not null
);
create index person_name on person (name);
create index person_name_key on person (name_key, id);

-- Posts, heads and roles are dated: who could do what on a day can be asked for ever.
create table post (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    unit_id uuid not null references org_unit (id),
    title text not null,
    kind text not null check (kind in ('main', 'side')),
    valid_from timestamptz not null,
    valid_to timestamptz
);
create index post_person on post (person_id, valid_to);
create index post_unit on post (unit_id, valid_to);
create unique index post_one_main on post (person_id) where kind = 'main' and valid_to is null;

create table org_unit_head (
    id uuid primary key not null,
    unit_id uuid not null references org_unit (id),
    person_id uuid not null references person (id),
    valid_from timestamptz not null,
    valid_to timestamptz
);
create unique index org_unit_one_head on org_unit_head (unit_id) where valid_to is null;

create table role (
    id uuid primary key not null,
    code text not null unique,
    name text not null,
    exclusive text check (exclusive in ('system', 'security', 'audit')),
    built_in boolean not null,
    version integer not null
);

create table role_permission (
    role_id uuid not null references role (id),
    permission text not null,
    primary key (role_id, permission)
);

create table role_assignment (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    role_id uuid not null references role (id),
    scope text not null check (scope in ('own', 'unit', 'subtree', 'all')),
    unit_id uuid references org_unit (id),
    valid_from timestamptz not null,
    valid_to timestamptz,
    check ((scope in ('unit', 'subtree')) = (unit_id is not null))
);
create index role_assignment_person on role_assignment (person_id, valid_to);
create index role_assignment_role on role_assignment (role_id, valid_to);

create table credential (
    person_id uuid primary key not null references person (id),
    password_hash text not null,
    must_change boolean not null,
    expires_at timestamptz,
    changed_at timestamptz not null
);

create table password_history (
    person_id uuid not null references person (id),
    changed_at timestamptz not null,
    password_hash text not null,
    primary key (person_id, changed_at)
);

create table session (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    address text,
    user_agent text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    version integer not null
);
create index session_person on session (person_id, ended_at);

-- Only hashes: a copy of the table opens nothing.
create table refresh_token (
    token_hash bytea primary key not null,
    session_id uuid not null references session (id),
    created_at timestamptz not null,
    rotated_at timestamptz
);
create index refresh_token_session on refresh_token (session_id);

create table access_token (
    id uuid primary key not null,
    person_id uuid not null references person (id),
    name text not null,
    prefix text not null,
    token_hash bytea not null unique,
    scopes jsonb not null,
    networks jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    version integer not null
);
create index access_token_person on access_token (person_id);

-- Failed log-ins by account and by address.
create table login_throttle (
    subject text primary key not null,
    failures integer not null,
    window_from timestamptz not null,
    locked_until timestamptz
);

-- The one-time link of the first administrator.
create table setup_link (
    id integer primary key not null check (id = 1),
    token_hash bytea not null,
    created_at timestamptz not null
);

-- Imports, so that one can be taken back as a whole.
create table import_batch (
    id uuid primary key not null,
    kind text not null check (kind in ('org_unit', 'person', 'equipment')),
    made_by uuid not null references person (id),
    made_at timestamptz not null,
    created integer not null,
    updated integer not null,
    remaining integer not null,
    version integer not null
);
create index import_batch_made on import_batch (kind, made_at, id);

create table import_row (
    batch_id uuid not null references import_batch (id),
    position integer not null,
    subject_id uuid not null,
    label text not null,
    version integer not null,
    -- What an update replaced; null for what is new.
    before jsonb,
    undone boolean not null,
    primary key (batch_id, position)
);
