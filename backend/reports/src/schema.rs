//! The tables of this slice.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    report_plan (id) {
        id -> DbUuid,
        report -> Text,
        name -> Text,
        period -> Text,
        unit_id -> Nullable<DbUuid>,
        owner_id -> DbUuid,
        owner_name -> Text,
        active -> Bool,
        next_at -> DbTs,
        problem -> Nullable<Text>,
        created_at -> DbTs,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    report_run (id) {
        id -> DbUuid,
        report -> Text,
        plan_id -> Nullable<DbUuid>,
        parameters -> DbJson,
        unit_id -> Nullable<DbUuid>,
        log_size -> BigInt,
        state -> Text,
        rows -> Nullable<BigInt>,
        content_hash -> Nullable<Text>,
        reason -> Nullable<Text>,
        requested_by -> DbUuid,
        requested_by_name -> Text,
        requested_at -> DbTs,
        finished_at -> Nullable<DbTs>,
        version -> Integer,
        busy_until -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    report_content (run_id) {
        run_id -> DbUuid,
        content -> Binary,
    }
}
