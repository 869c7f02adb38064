-- The log: records are written with the change that they tell of, and never touched again.
create table audit_record (
    id uuid primary key not null,
    time timestamptz not null,
    occurred_at timestamptz,
    actor_kind text not null,
    actor_id uuid,
    on_behalf_of uuid,
    action text not null,
    subject_kind text not null,
    subject_id uuid not null,
    version_before integer,
    version_after integer,
    unit_id uuid,
    outcome text not null check (outcome in ('success', 'denied', 'error')),
    reason text,
    request_id uuid not null,
    canonical text not null,
    leaf_hash bytea not null
);
create index audit_record_time on audit_record (time, id);
create index audit_record_subject on audit_record (subject_id, id);
create index audit_record_actor on audit_record (actor_id, id);
create index audit_record_action on audit_record (action, id);

create table audit_related (
    record_id uuid not null,
    position integer not null,
    kind text not null,
    object_id uuid not null,
    role text not null,
    primary key (record_id, position)
);
create index audit_related_object on audit_related (object_id, record_id);

-- Names and field changes. Deletable only by a lawful erasure: the leaf holds a salted hash and still verifies.
create table audit_detail (
    record_id uuid primary key not null,
    salt bytea not null,
    detail text not null
);

create table audit_erasure (
    record_id uuid primary key not null,
    erased_at timestamptz not null,
    legal_basis text not null
);

create table audit_pending (
    record_id uuid primary key not null
);

-- The order of the log, dense from 0.
create table audit_leaf (
    leaf_index bigint primary key not null,
    record_id uuid not null unique,
    leaf_hash bytea not null
);

create table audit_tile (
    level integer not null,
    tile_index bigint not null,
    hashes bytea not null,
    primary key (level, tile_index)
);

create table audit_sequencer (
    id integer primary key not null check (id = 1),
    epoch bigint not null,
    size bigint not null,
    holder uuid,
    lease_until timestamptz
);
insert into audit_sequencer (id, epoch, size) values (1, 0, 0);

create table idempotency (
    actor_id uuid not null,
    operation text not null,
    key text not null,
    body_hash bytea not null,
    status integer not null,
    body text,
    version integer,
    created_at timestamptz not null,
    primary key (actor_id, operation, key)
);
create index idempotency_created on idempotency (created_at);

create table number_series (
    series text not null,
    year integer not null,
    last bigint not null,
    primary key (series, year)
);

-- A sequence for each gappy series and year: eight times the throughput of a counter row.
do $$ begin
    for year in 2015..2060 loop
        execute format('create sequence number_ticket_%s', year);
        execute format('create sequence number_equipment_%s', year);
        execute format('create sequence number_case_%s', year);
    end loop;
end $$;

create function refuse_change() returns trigger language plpgsql as $$ begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_record_immutable before update or delete on audit_record for each row execute function refuse_change();
create trigger audit_record_whole before truncate on audit_record for each statement execute function refuse_change();
create trigger audit_related_immutable before update or delete on audit_related for each row execute function refuse_change();
create trigger audit_related_whole before truncate on audit_related for each statement execute function refuse_change();
create trigger audit_leaf_immutable before update or delete on audit_leaf for each row execute function refuse_change();
create trigger audit_leaf_whole before truncate on audit_leaf for each statement execute function refuse_change();
create trigger audit_detail_unchanged before update on audit_detail for each row execute function refuse_change();
create trigger audit_detail_whole before truncate on audit_detail for each statement execute function refuse_change();
create trigger audit_erasure_immutable before update or delete on audit_erasure for each row execute function refuse_change();
create trigger audit_erasure_whole before truncate on audit_erasure for each statement execute function refuse_change();

create function refuse_unlawful_erasure() returns trigger language plpgsql as $$ begin
    if not exists (select 1 from audit_erasure where record_id = old.record_id) then
        raise exception 'audit_detail is deleted only with an erasure' using errcode = 'restrict_violation';
    end if;
    return old;
end $$;
create trigger audit_detail_erasure before delete on audit_detail for each row execute function refuse_unlawful_erasure();

create table search_entry (
    kind text not null,
    id uuid not null,
    tokens tsvector not null,
    initials tsvector not null,
    primary key (kind, id)
);
create index search_entry_tokens on search_entry using gin (tokens) with (fastupdate = off);
create index search_entry_initials on search_entry using gin (initials) with (fastupdate = off);
