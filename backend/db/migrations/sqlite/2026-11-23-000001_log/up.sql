-- The log: records are written with the change that they tell of, and never touched again.
create table audit_record (
    id blob primary key not null,
    time integer not null,
    occurred_at integer,
    actor_kind text not null,
    actor_id blob,
    on_behalf_of blob,
    action text not null,
    subject_kind text not null,
    subject_id blob not null,
    version_before integer,
    version_after integer,
    unit_id blob,
    outcome text not null check (outcome in ('success', 'denied', 'error')),
    reason text,
    request_id blob not null,
    canonical text not null,
    leaf_hash blob not null
) strict;
create index audit_record_time on audit_record (time, id);
create index audit_record_subject on audit_record (subject_id, id);
create index audit_record_actor on audit_record (actor_id, id);
create index audit_record_action on audit_record (action, id);

create table audit_related (
    record_id blob not null,
    position integer not null,
    kind text not null,
    object_id blob not null,
    role text not null,
    primary key (record_id, position)
) strict, without rowid;
create index audit_related_object on audit_related (object_id, record_id);

-- Names and field changes. Deletable only by a lawful erasure: the leaf holds a salted hash and still verifies.
create table audit_detail (
    record_id blob primary key not null,
    salt blob not null,
    detail text not null
) strict;

create table audit_erasure (
    record_id blob primary key not null,
    erased_at integer not null,
    legal_basis text not null
) strict;

create table audit_pending (
    record_id blob primary key not null
) strict, without rowid;

-- The order of the log, dense from 0.
create table audit_leaf (
    leaf_index integer primary key not null,
    record_id blob not null unique,
    leaf_hash blob not null
) strict;

create table audit_tile (
    level integer not null,
    tile_index integer not null,
    hashes blob not null,
    primary key (level, tile_index)
) strict;

create table audit_sequencer (
    id integer primary key not null check (id = 1),
    epoch integer not null,
    size integer not null,
    holder blob,
    lease_until integer
) strict;
insert into audit_sequencer (id, epoch, size) values (1, 0, 0);

create table idempotency (
    actor_id blob not null,
    operation text not null,
    key text not null,
    body_hash blob not null,
    status integer not null,
    body text,
    version integer,
    created_at integer not null,
    primary key (actor_id, operation, key)
) strict;
create index idempotency_created on idempotency (created_at);

create table number_series (
    series text not null,
    year integer not null,
    last integer not null,
    primary key (series, year)
) strict, without rowid;

-- RAISE(ABORT) only: ROLLBACK would destroy the neighbours in a group commit.
-- "insert when exists" because INSERT OR REPLACE passes the other two.
create trigger audit_record_update before update on audit_record begin select raise(abort, 'audit_record is append-only'); end;
create trigger audit_record_delete before delete on audit_record begin select raise(abort, 'audit_record is append-only'); end;
create trigger audit_record_replace before insert on audit_record when exists (select 1 from audit_record where id = new.id) begin select raise(abort, 'audit_record is append-only'); end;
create trigger audit_related_update before update on audit_related begin select raise(abort, 'audit_related is append-only'); end;
create trigger audit_related_delete before delete on audit_related begin select raise(abort, 'audit_related is append-only'); end;
create trigger audit_related_replace before insert on audit_related when exists (select 1 from audit_related where record_id = new.record_id and position = new.position) begin select raise(abort, 'audit_related is append-only'); end;
create trigger audit_leaf_update before update on audit_leaf begin select raise(abort, 'audit_leaf is append-only'); end;
create trigger audit_leaf_delete before delete on audit_leaf begin select raise(abort, 'audit_leaf is append-only'); end;
create trigger audit_leaf_replace before insert on audit_leaf when exists (select 1 from audit_leaf where leaf_index = new.leaf_index or record_id = new.record_id) begin select raise(abort, 'audit_leaf is append-only'); end;
create trigger audit_detail_update before update on audit_detail begin select raise(abort, 'audit_detail is append-only'); end;
create trigger audit_detail_delete before delete on audit_detail when not exists (select 1 from audit_erasure where record_id = old.record_id) begin select raise(abort, 'audit_detail is deleted only with an erasure'); end;
create trigger audit_detail_replace before insert on audit_detail when exists (select 1 from audit_detail where record_id = new.record_id) begin select raise(abort, 'audit_detail is append-only'); end;
create trigger audit_erasure_update before update on audit_erasure begin select raise(abort, 'audit_erasure is append-only'); end;
create trigger audit_erasure_delete before delete on audit_erasure begin select raise(abort, 'audit_erasure is append-only'); end;
create trigger audit_erasure_replace before insert on audit_erasure when exists (select 1 from audit_erasure where record_id = new.record_id) begin select raise(abort, 'audit_erasure is append-only'); end;

create table search_entry (
    row_number integer primary key,
    kind text not null,
    id blob not null,
    unique (kind, id)
) strict;
create virtual table search_text using fts5 (tokens, initials, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0", detail = full);
