//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_category (id) {
        id -> DbUuid,
        name -> Text,
        kind -> Nullable<Text>,
        default_unit_id -> Nullable<DbUuid>,
        active -> Bool,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_setting (id) {
        id -> DbUuid,
        name -> Text,
        value -> DbJson,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket (id) {
        id -> DbUuid,
        number -> Text,
        kind -> Text,
        title -> Text,
        state -> Text,
        open -> Bool,
        impact -> Text,
        urgency -> Text,
        priority -> Text,
        category_id -> Nullable<DbUuid>,
        reporter_id -> DbUuid,
        unit_id -> DbUuid,
        assigned_unit_id -> Nullable<DbUuid>,
        assignee_id -> Nullable<DbUuid>,
        respond_due -> Nullable<DbTs>,
        resolve_due -> Nullable<DbTs>,
        responded_at -> Nullable<DbTs>,
        resolved_at -> Nullable<DbTs>,
        closed_at -> Nullable<DbTs>,
        created_at -> DbTs,
        updated_at -> DbTs,
        activity_at -> DbTs,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_text (ticket_id) {
        ticket_id -> DbUuid,
        description -> Text,
        place -> Nullable<Text>,
        contact -> Nullable<Text>,
        pauses -> DbJson,
        appraisal -> Nullable<DbJson>,
        vendor_repair -> Nullable<DbJson>,
        resolution -> Nullable<Text>,
        reason -> Nullable<Text>,
        satisfaction -> Nullable<Integer>,
        satisfaction_comment -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_equipment (ticket_id, equipment_id) {
        ticket_id -> DbUuid,
        equipment_id -> DbUuid,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_watcher (ticket_id, person_id) {
        ticket_id -> DbUuid,
        person_id -> DbUuid,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_note (id) {
        id -> DbUuid,
        ticket_id -> DbUuid,
        kind -> Text,
        internal -> Bool,
        text -> Text,
        author_id -> DbUuid,
        author_name -> Text,
        arrived_at -> Nullable<DbTs>,
        left_at -> Nullable<DbTs>,
        created_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_attachment (ticket_id, file_id) {
        ticket_id -> DbUuid,
        file_id -> DbUuid,
        note_id -> Nullable<DbUuid>,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        internal -> Bool,
        added_by -> DbUuid,
        added_by_name -> Text,
        added_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_seen (ticket_id, person_id) {
        ticket_id -> DbUuid,
        person_id -> DbUuid,
        seen_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    ticket_view (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        name -> Text,
        filter -> Text,
        position -> Integer,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    alert_group (key) {
        key -> Binary,
        ticket_id -> DbUuid,
        told -> DbJson,
        told_at -> DbTs,
    }
}

allow_tables_to_appear_in_same_query!(
    ticket_category,
    ticket_setting,
    ticket,
    ticket_text,
    ticket_equipment,
    ticket_watcher,
    ticket_note,
    ticket_attachment,
    ticket_seen,
    ticket_view
);
db::joinable!(identity::schema::org_unit_tree::table, ticket::table);
