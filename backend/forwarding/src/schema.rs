//! The table of this slice.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    log_receiver (name) {
        name -> Text,
        next_leaf -> BigInt,
        holder -> Nullable<DbUuid>,
        lease_until -> Nullable<DbTs>,
        delivered_at -> Nullable<DbTs>,
        failing_since -> Nullable<DbTs>,
        failure -> Nullable<Text>,
        recorded -> Bool,
    }
}
