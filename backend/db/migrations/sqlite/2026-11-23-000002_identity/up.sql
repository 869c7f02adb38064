create table org_unit (
    id blob primary key not null,
    parent_id blob references org_unit (id),
    code text not null unique,
    name text not null,
    kind text not null check (kind in ('company', 'unit')),
    active integer not null,
    created_at integer not null,
    version integer not null
) strict;

-- Every unit is its own descendant at depth 0.
create table org_unit_tree (
    ancestor blob not null references org_unit (id),
    descendant blob not null references org_unit (id),
    depth integer not null,
    primary key (ancestor, descendant)
) strict, without rowid;
create index org_unit_tree_descendant on org_unit_tree (descendant, ancestor);

create table person (
    id blob primary key not null,
    name text not null,
    -- What the name is sorted by: its pinyin.
    name_key text not null,
    login text not null unique,
    employee_number text unique,
    email text,
    phone text,
    active integer not null,
    language text check (language in ('zh-CN', 'en')),
    theme text not null check (theme in ('light', 'dark', 'system')),
    created_at integer not null,
    version integer not null
) strict;
create index person_name on person (name);
create index person_name_key on person (name_key, id);

-- Posts, heads and roles are dated: who could do what on a day can be asked for ever.
create table post (
    id blob primary key not null,
    person_id blob not null references person (id),
    unit_id blob not null references org_unit (id),
    title text not null,
    kind text not null check (kind in ('main', 'side')),
    valid_from integer not null,
    valid_to integer
) strict;
create index post_person on post (person_id, valid_to);
create index post_unit on post (unit_id, valid_to);
create unique index post_one_main on post (person_id) where kind = 'main' and valid_to is null;

create table org_unit_head (
    id blob primary key not null,
    unit_id blob not null references org_unit (id),
    person_id blob not null references person (id),
    valid_from integer not null,
    valid_to integer
) strict;
create unique index org_unit_one_head on org_unit_head (unit_id) where valid_to is null;

create table role (
    id blob primary key not null,
    code text not null unique,
    name text not null,
    exclusive text check (exclusive in ('system', 'security', 'audit')),
    built_in integer not null,
    version integer not null
) strict;

create table role_permission (
    role_id blob not null references role (id),
    permission text not null,
    primary key (role_id, permission)
) strict;

create table role_assignment (
    id blob primary key not null,
    person_id blob not null references person (id),
    role_id blob not null references role (id),
    scope text not null check (scope in ('own', 'unit', 'subtree', 'all')),
    unit_id blob references org_unit (id),
    valid_from integer not null,
    valid_to integer,
    check ((scope in ('unit', 'subtree')) = (unit_id is not null))
) strict;
create index role_assignment_person on role_assignment (person_id, valid_to);
create index role_assignment_role on role_assignment (role_id, valid_to);

create table credential (
    person_id blob primary key not null references person (id),
    password_hash text not null,
    must_change integer not null,
    expires_at integer,
    changed_at integer not null
) strict;

create table password_history (
    person_id blob not null references person (id),
    changed_at integer not null,
    password_hash text not null,
    primary key (person_id, changed_at)
) strict;

create table session (
    id blob primary key not null,
    person_id blob not null references person (id),
    address text,
    user_agent text,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null,
    ended_at integer,
    end_reason text,
    version integer not null
) strict;
create index session_person on session (person_id, ended_at);

-- Only hashes: a copy of the table opens nothing.
create table refresh_token (
    token_hash blob primary key not null,
    session_id blob not null references session (id),
    created_at integer not null,
    rotated_at integer
) strict;
create index refresh_token_session on refresh_token (session_id);

create table access_token (
    id blob primary key not null,
    person_id blob not null references person (id),
    name text not null,
    prefix text not null,
    token_hash blob not null unique,
    scopes text not null,
    networks text not null,
    created_at integer not null,
    expires_at integer not null,
    last_used_at integer,
    revoked_at integer,
    version integer not null
) strict;
create index access_token_person on access_token (person_id);

-- Failed log-ins by account and by address.
create table login_throttle (
    subject text primary key not null,
    failures integer not null,
    window_from integer not null,
    locked_until integer
) strict;

-- The one-time link of the first administrator.
create table setup_link (
    id integer primary key not null check (id = 1),
    token_hash blob not null,
    created_at integer not null
) strict;

-- Imports, so that one can be taken back as a whole.
create table import_batch (
    id blob primary key not null,
    kind text not null check (kind in ('org_unit', 'person', 'equipment')),
    made_by blob not null references person (id),
    made_at integer not null,
    created integer not null,
    updated integer not null,
    remaining integer not null,
    version integer not null
) strict;
create index import_batch_made on import_batch (kind, made_at, id);

create table import_row (
    batch_id blob not null references import_batch (id),
    position integer not null,
    subject_id blob not null,
    label text not null,
    version integer not null,
    -- What an update replaced; null for what is new.
    before text,
    undone integer not null,
    primary key (batch_id, position)
) strict;
