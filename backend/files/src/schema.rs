//! The table of this slice.

diesel::table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    file (id) {
        id -> DbUuid,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        uploaded_by -> DbUuid,
        created_at -> DbTs,
        attached_at -> Nullable<DbTs>,
        version -> Integer,
    }
}
