//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    equipment_type (id) {
        id -> DbUuid,
        code -> Text,
        name -> Text,
        attributes -> DbJson,
        active -> Bool,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    equipment (id) {
        id -> DbUuid,
        number -> Text,
        name -> Text,
        type_id -> DbUuid,
        state -> Text,
        registered -> Bool,
        serial -> Nullable<Text>,
        serial_key -> Nullable<Text>,
        hardware_key -> Nullable<Text>,
        manufacturer -> Nullable<Text>,
        model -> Nullable<Text>,
        unit_id -> Nullable<DbUuid>,
        holder_id -> Nullable<DbUuid>,
        place -> Nullable<Text>,
        purchased_on -> Nullable<Text>,
        price_cents -> Nullable<BigInt>,
        warranty_until -> Nullable<Text>,
        attributes -> DbJson,
        hardware -> Nullable<DbJson>,
        inventory_at -> Nullable<DbTs>,
        label_code -> Text,
        lent_until -> Nullable<Text>,
        created_at -> DbTs,
        updated_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    equipment_movement (id) {
        id -> DbUuid,
        equipment_id -> DbUuid,
        at -> DbTs,
        by_name -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        from_unit_id -> Nullable<DbUuid>,
        to_unit_id -> Nullable<DbUuid>,
        from_holder_id -> Nullable<DbUuid>,
        to_holder_id -> Nullable<DbUuid>,
        from_place -> Nullable<Text>,
        to_place -> Nullable<Text>,
        reason -> Nullable<Text>,
        ticket_id -> Nullable<DbUuid>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    equipment_software (id) {
        id -> DbUuid,
        equipment_id -> DbUuid,
        name -> Text,
        version -> Text,
        publisher -> Nullable<Text>,
        first_seen -> DbTs,
        removed_at -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    inventory_credential (id) {
        id -> DbUuid,
        name -> Text,
        user_name -> Text,
        secret_hash -> Binary,
        created_at -> DbTs,
        last_used_at -> Nullable<DbTs>,
        revoked_at -> Nullable<DbTs>,
        version -> Integer,
    }
}

allow_tables_to_appear_in_same_query!(equipment_type, equipment, equipment_movement, equipment_software, inventory_credential);
db::joinable!(identity::schema::org_unit_tree::table, equipment::table);
