create table equipment_type (
    id blob primary key not null,
    code text not null unique,
    name text not null,
    attributes text not null,
    active integer not null,
    version integer not null
) strict;

create table equipment (
    id blob primary key not null,
    number text not null unique,
    name text not null,
    type_id blob not null references equipment_type (id),
    state text not null check (state in ('in_stock', 'in_use', 'faulty', 'under_repair', 'external_repair', 'lent', 'retired', 'disposed')),
    registered integer not null,
    serial text,
    serial_key text unique,
    hardware_key text unique,
    manufacturer text,
    model text,
    unit_id blob references org_unit (id),
    holder_id blob references person (id),
    place text,
    purchased_on text,
    price_cents integer,
    warranty_until text,
    attributes text not null,
    hardware text,
    inventory_at integer,
    label_code text not null unique,
    lent_until text,
    created_at integer not null,
    updated_at integer not null,
    version integer not null
) strict;
create index equipment_updated on equipment (updated_at, id);
create index equipment_holder on equipment (holder_id, updated_at, id);
create index equipment_unit on equipment (unit_id, updated_at, id);
create index equipment_type_used on equipment (type_id);

create table equipment_movement (
    id blob primary key not null,
    equipment_id blob not null references equipment (id),
    at integer not null,
    by_name text not null,
    from_state text,
    to_state text not null,
    from_unit_id blob,
    to_unit_id blob,
    from_holder_id blob,
    to_holder_id blob,
    from_place text,
    to_place text,
    reason text,
    ticket_id blob
) strict;
create index equipment_movement_of on equipment_movement (equipment_id, at, id);

create table equipment_software (
    id blob primary key not null,
    equipment_id blob not null references equipment (id),
    name text not null,
    version text not null,
    publisher text,
    first_seen integer not null,
    removed_at integer
) strict;
create index equipment_software_of on equipment_software (equipment_id, name, id);

create table inventory_credential (
    id blob primary key not null,
    name text not null,
    user_name text not null unique,
    secret_hash blob not null,
    created_at integer not null,
    last_used_at integer,
    revoked_at integer,
    version integer not null
) strict;
