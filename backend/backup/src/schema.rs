//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_place (id) {
        id -> DbUuid,
        name -> Text,
        location -> Nullable<Text>,
        custodian_id -> Nullable<DbUuid>,
        inspect_days -> Integer,
        inspected_at -> Nullable<DbTs>,
        fit -> Nullable<Bool>,
        active -> Bool,
        created_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_inspection (id) {
        id -> DbUuid,
        place_id -> DbUuid,
        at -> DbTs,
        by_id -> DbUuid,
        fire -> Bool,
        heat -> Bool,
        damp -> Bool,
        dust -> Bool,
        magnetism -> Bool,
        theft -> Bool,
        note -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_medium (id) {
        id -> DbUuid,
        serial -> Text,
        kind -> Text,
        seal_number -> Nullable<Text>,
        place_id -> Nullable<DbUuid>,
        custodian_id -> Nullable<DbUuid>,
        note -> Nullable<Text>,
        active -> Bool,
        created_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_medium_move (id) {
        id -> DbUuid,
        medium_id -> DbUuid,
        at -> DbTs,
        by_name -> Text,
        from_place_id -> Nullable<DbUuid>,
        to_place_id -> Nullable<DbUuid>,
        from_custodian_id -> Nullable<DbUuid>,
        to_custodian_id -> Nullable<DbUuid>,
        seal_number -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_plan (id) {
        id -> DbUuid,
        name -> Text,
        subject -> Text,
        equipment_id -> Nullable<DbUuid>,
        application -> Nullable<Text>,
        custodian_id -> Nullable<DbUuid>,
        every_hours -> Nullable<Integer>,
        daily_at -> Nullable<Text>,
        keep_last -> Integer,
        keep_daily -> Integer,
        keep_weekly -> Integer,
        keep_monthly -> Integer,
        target -> Nullable<Text>,
        offsite -> Nullable<Text>,
        offsite_locked -> Bool,
        drill_days -> Nullable<Integer>,
        late_hours -> Integer,
        active -> Bool,
        next_run_at -> Nullable<DbTs>,
        next_drill_at -> Nullable<DbTs>,
        busy_until -> Nullable<DbTs>,
        alarmed_at -> Nullable<DbTs>,
        created_at -> DbTs,
        updated_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup (id) {
        id -> DbUuid,
        plan_id -> DbUuid,
        state -> Text,
        started_at -> DbTs,
        finished_at -> Nullable<DbTs>,
        duration_ms -> Nullable<BigInt>,
        size -> Nullable<BigInt>,
        log_size -> Nullable<BigInt>,
        target -> Nullable<Text>,
        folder -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        encrypted -> Nullable<Bool>,
        reason -> Nullable<Text>,
        explanation -> Nullable<Text>,
        offsite -> Nullable<Text>,
        verified_at -> Nullable<DbTs>,
        drill -> Nullable<Text>,
        drilled_at -> Nullable<DbTs>,
        recovery_ms -> Nullable<BigInt>,
        age_seconds -> Nullable<BigInt>,
        drill_wanted -> Bool,
        reported_by -> Nullable<DbUuid>,
        medium_id -> Nullable<DbUuid>,
        removed_at -> Nullable<DbTs>,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    backup_handover (id) {
        id -> DbUuid,
        backup_id -> Nullable<DbUuid>,
        medium_id -> Nullable<DbUuid>,
        place_id -> Nullable<DbUuid>,
        giver_id -> DbUuid,
        receiver_id -> DbUuid,
        state -> Text,
        given_at -> DbTs,
        answered_at -> Nullable<DbTs>,
        note -> Nullable<Text>,
        answer -> Nullable<Text>,
        version -> Integer,
    }
}

allow_tables_to_appear_in_same_query!(
    backup_place,
    backup_inspection,
    backup_medium,
    backup_medium_move,
    backup_plan,
    backup,
    backup_handover
);
