//! The table of this slice.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    extraction (id) {
        id -> DbUuid,
        authority -> Text,
        document_number -> Text,
        legal_basis -> Text,
        selection -> DbJson,
        log_size -> BigInt,
        records -> BigInt,
        state -> Text,
        requested_by -> DbUuid,
        requested_by_name -> Text,
        requested_at -> DbTs,
        first_by -> Nullable<DbUuid>,
        first_by_name -> Nullable<Text>,
        first_at -> Nullable<DbTs>,
        decided_by -> Nullable<DbUuid>,
        decided_by_name -> Nullable<Text>,
        decided_at -> Nullable<DbTs>,
        reason -> Nullable<Text>,
        version -> Integer,
    }
}
