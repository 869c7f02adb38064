//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    regulation (id) {
        id -> DbUuid,
        key -> Text,
        edition -> Text,
        title -> Text,
        title_en -> Text,
        state -> Text,
        content -> Text,
        proposed_at -> DbTs,
        proposed_by -> DbUuid,
        proposed_by_name -> Text,
        decided_at -> Nullable<DbTs>,
        decided_by -> Nullable<DbUuid>,
        decided_by_name -> Nullable<Text>,
        reason -> Nullable<Text>,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    kept_text (hash) {
        hash -> Text,
        kind -> Text,
        content -> Text,
        kept_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    clause_owner (id) {
        id -> DbUuid,
        regulation -> Text,
        clause -> Text,
        unit_id -> DbUuid,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    acknowledgement (regulation_id, person_id) {
        regulation_id -> DbUuid,
        person_id -> DbUuid,
        acknowledged_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    obligation (id) {
        id -> DbUuid,
        control -> Text,
        control_version -> Text,
        regulation -> Text,
        clause -> Text,
        severity -> Text,
        key -> Text,
        trigger_leaf -> BigInt,
        opened_at -> DbTs,
        due_at -> Nullable<DbTs>,
        state -> Text,
        closed_leaf -> Nullable<BigInt>,
        changed_at -> DbTs,
        subject_kind -> Text,
        subject_id -> DbUuid,
        unit_id -> Nullable<DbUuid>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    finding (id) {
        id -> DbUuid,
        state -> Text,
        responsible_id -> DbUuid,
        responsible_name -> Text,
        due_at -> DbTs,
        cause -> Nullable<Text>,
        correction -> Nullable<Text>,
        verified_by -> Nullable<DbUuid>,
        verified_by_name -> Nullable<Text>,
        verification -> Nullable<Text>,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    waiver (id) {
        id -> DbUuid,
        control -> Text,
        subject_id -> Nullable<DbUuid>,
        reason -> Text,
        measures -> Text,
        until -> DbTs,
        state -> Text,
        requested_by -> DbUuid,
        requested_by_name -> Text,
        requested_at -> DbTs,
        decided_by -> Nullable<DbUuid>,
        decided_by_name -> Nullable<Text>,
        decided_at -> Nullable<DbTs>,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    attestation (id) {
        id -> DbUuid,
        regulation -> Text,
        clause -> Text,
        statement -> Text,
        kept -> Bool,
        attested_by -> DbUuid,
        attested_by_name -> Text,
        attested_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    finding_case (case_id) {
        case_id -> DbUuid,
        obligation_id -> DbUuid,
        started_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    attestation_file (attestation_id, position) {
        attestation_id -> DbUuid,
        position -> Integer,
        file_id -> DbUuid,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    control_cursor (id) {
        id -> Integer,
        next_leaf -> BigInt,
        holder -> Nullable<DbUuid>,
        lease_until -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    control_snapshot (next_leaf) {
        next_leaf -> BigInt,
        saved -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    obligation_notice (obligation_id, stage, due_at) {
        obligation_id -> DbUuid,
        stage -> Text,
        due_at -> DbTs,
    }
}

allow_tables_to_appear_in_same_query!(clause_owner, obligation, finding, waiver, obligation_notice);
