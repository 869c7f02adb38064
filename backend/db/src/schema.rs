//! Tables that belong to the database layer itself: the log, idempotency, search, numbers.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// One row for each record; immutable.
    audit_record (id) {
        id -> DbUuid,
        time -> DbTs,
        occurred_at -> Nullable<DbTs>,
        actor_kind -> Text,
        actor_id -> Nullable<DbUuid>,
        on_behalf_of -> Nullable<DbUuid>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> DbUuid,
        version_before -> Nullable<Integer>,
        version_after -> Nullable<Integer>,
        unit_id -> Nullable<DbUuid>,
        outcome -> Text,
        reason -> Nullable<Text>,
        request_id -> DbUuid,
        canonical -> Text,
        leaf_hash -> Binary,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Which case drives a record.
    driver (subject_id) {
        subject_id -> DbUuid,
        subject_kind -> Text,
        case_id -> DbUuid,
        case_number -> Text,
        steps -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Objects that a record touches besides its subject; immutable.
    audit_related (record_id, position) {
        record_id -> DbUuid,
        position -> Integer,
        kind -> Text,
        object_id -> DbUuid,
        role -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Names and field changes, salted; deletable only by a lawful erasure.
    audit_detail (record_id) {
        record_id -> DbUuid,
        salt -> Binary,
        detail -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Details that may be deleted, and by what right; immutable.
    audit_erasure (record_id) {
        record_id -> DbUuid,
        erased_at -> DbTs,
        legal_basis -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Records that the sequencer has not numbered yet.
    audit_pending (record_id) {
        record_id -> DbUuid,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// The order of the log: a dense index from 0; immutable.
    audit_leaf (leaf_index) {
        leaf_index -> BigInt,
        record_id -> DbUuid,
        leaf_hash -> Binary,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// The tree over the leaves, in tiles of at most 256 hashes (C2SP tlog-tiles); the last of a level grows.
    audit_tile (level, tile_index) {
        level -> Integer,
        tile_index -> BigInt,
        hashes -> Binary,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Who may sequence now, and how far the log goes.
    audit_sequencer (id) {
        id -> Integer,
        epoch -> BigInt,
        size -> BigInt,
        holder -> Nullable<DbUuid>,
        lease_until -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Which logs this has been; immutable. The last one goes on.
    audit_origin (number) {
        number -> Integer,
        name -> Text,
        since -> BigInt,
        opened_at -> DbTs,
        cites -> Nullable<Text>,
        vouched -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// What was signed; immutable.
    audit_checkpoint (origin_number, size) {
        origin_number -> Integer,
        size -> BigInt,
        root -> Binary,
        note -> Text,
        signed_at -> DbTs,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// What witnesses have signed; immutable.
    audit_cosignature (origin_number, size, witness) {
        origin_number -> Integer,
        size -> BigInt,
        witness -> Text,
        line -> Text,
        seen_at -> DbTs,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Answers of writes that carried a key, for replay.
    idempotency (actor_id, operation, key) {
        actor_id -> DbUuid,
        operation -> Text,
        key -> Text,
        body_hash -> Binary,
        status -> Integer,
        body -> Nullable<Text>,
        version -> Nullable<Integer>,
        created_at -> DbTs,
        records -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Counters of number series; on PostgreSQL sequences stand in for gappy ones.
    number_series (series, year) {
        series -> Text,
        year -> Integer,
        last -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(audit_record, audit_related, audit_detail, audit_pending, audit_leaf);
