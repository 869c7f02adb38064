create table equipment_type (
    id uuid primary key not null,
    code text not null unique,
    name text not null,
    attributes jsonb not null,
    active boolean not null,
    version integer not null
);

create table equipment (
    id uuid primary key not null,
    number text not null unique,
    name text not null,
    type_id uuid not null references equipment_type (id),
    state text not null check (state in ('in_stock', 'in_use', 'faulty', 'under_repair', 'external_repair', 'lent', 'retired', 'disposed')),
    registered boolean not null,
    serial text,
    serial_key text unique,
    hardware_key text unique,
    manufacturer text,
    model text,
    unit_id uuid references org_unit (id),
    holder_id uuid references person (id),
    place text,
    purchased_on text,
    price_cents bigint,
    warranty_until text,
    attributes jsonb not null,
    hardware jsonb,
    inventory_at timestamptz,
    label_code text not null unique,
    lent_until text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null
);
create index equipment_updated on equipment (updated_at, id);
create index equipment_holder on equipment (holder_id, updated_at, id);
create index equipment_unit on equipment (unit_id, updated_at, id);
create index equipment_type_used on equipment (type_id);

create table equipment_movement (
    id uuid primary key not null,
    equipment_id uuid not null references equipment (id),
    at timestamptz not null,
    by_name text not null,
    from_state text,
    to_state text not null,
    from_unit_id uuid,
    to_unit_id uuid,
    from_holder_id uuid,
    to_holder_id uuid,
    from_place text,
    to_place text,
    reason text,
    ticket_id uuid
);
create index equipment_movement_of on equipment_movement (equipment_id, at, id);

create table equipment_software (
    id uuid primary key not null,
    equipment_id uuid not null references equipment (id),
    name text not null,
    version text not null,
    publisher text,
    first_seen timestamptz not null,
    removed_at timestamptz
);
create index equipment_software_of on equipment_software (equipment_id, name, id);

create table inventory_credential (
    id uuid primary key not null,
    name text not null,
    user_name text not null unique,
    secret_hash bytea not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    version integer not null
);
