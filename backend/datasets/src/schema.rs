//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    dataset (id) {
        id -> DbUuid,
        number -> Text,
        name -> Text,
        classification -> Text,
        purpose -> Text,
        location -> Text,
        unit_id -> DbUuid,
        custodian_id -> DbUuid,
        state -> Text,
        created_at -> DbTs,
        updated_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    dataset_grant (id) {
        id -> DbUuid,
        dataset_id -> DbUuid,
        person_id -> DbUuid,
        mode -> Text,
        purpose -> Text,
        valid_from -> Text,
        valid_until -> Text,
        given_at -> DbTs,
        given_by -> Text,
        case_id -> Nullable<DbUuid>,
        case_number -> Nullable<Text>,
        revoked_at -> Nullable<DbTs>,
        revoked_by -> Nullable<Text>,
        revoked_reason -> Nullable<Text>,
        version -> Integer,
    }
}

joinable!(dataset_grant -> dataset (dataset_id));
allow_tables_to_appear_in_same_query!(dataset, dataset_grant);
db::joinable!(identity::schema::org_unit_tree::table, dataset::table);
db::joinable!(identity::schema::org_unit_tree::table, dataset_grant::table);
