//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    process (id) {
        id -> DbUuid,
        key -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        category -> Nullable<Text>,
        category_en -> Nullable<Text>,
        about -> Nullable<Text>,
        about_en -> Nullable<Text>,
        state -> Text,
        bpmn -> Text,
        form -> DbJson,
        decisions -> DbJson,
        tests -> DbJson,
        origin -> Nullable<Text>,
        origin_hash -> Nullable<Text>,
        draft_changed_at -> DbTs,
        draft_changed_by -> Text,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    process_release (id) {
        id -> DbUuid,
        process_id -> DbUuid,
        number -> Integer,
        state -> Text,
        bpmn -> Text,
        form -> DbJson,
        decisions -> DbJson,
        tests -> DbJson,
        bindings -> DbJson,
        hash -> Text,
        notes -> Nullable<Text>,
        published_at -> DbTs,
        published_by -> DbUuid,
        published_by_name -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    process_case (id) {
        id -> DbUuid,
        number -> Text,
        process_id -> DbUuid,
        release_id -> DbUuid,
        title -> Text,
        state -> Text,
        starter_id -> DbUuid,
        starter_name -> Text,
        unit_id -> DbUuid,
        started_at -> DbTs,
        ended_at -> Nullable<DbTs>,
        due -> Nullable<DbTs>,
        incident -> Bool,
        parent_id -> Nullable<DbUuid>,
        parent_token -> Nullable<BigInt>,
        parent_item -> Nullable<Integer>,
        control -> DbJson,
        data -> DbJson,
        urged_at -> Nullable<DbTs>,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    work_item (id) {
        id -> DbUuid,
        case_id -> DbUuid,
        process_id -> DbUuid,
        token -> BigInt,
        item -> Nullable<Integer>,
        element -> Text,
        kind -> Text,
        position -> Integer,
        vote -> Text,
        state -> Text,
        owner_id -> Nullable<DbUuid>,
        owner_name -> Nullable<Text>,
        weight -> Text,
        parent_id -> Nullable<DbUuid>,
        added_by -> Nullable<DbUuid>,
        delegators -> Text,
        outcome -> Nullable<Text>,
        opinion -> Nullable<Text>,
        done_by -> Nullable<DbUuid>,
        done_by_name -> Nullable<Text>,
        on_behalf_of -> Nullable<DbUuid>,
        automatic -> Nullable<Text>,
        seen_hash -> Nullable<Text>,
        created_at -> DbTs,
        due -> Nullable<DbTs>,
        overdue_at -> Nullable<DbTs>,
        opened_at -> Nullable<DbTs>,
        done_at -> Nullable<DbTs>,
        opened_by -> Nullable<DbUuid>,
        urged -> Integer,
        saved -> Nullable<Text>,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_wait (id) {
        id -> DbUuid,
        case_id -> DbUuid,
        owner -> Text,
        element -> Text,
        due -> Nullable<DbTs>,
        message -> Nullable<Text>,
        remaining -> Nullable<Integer>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_story (id) {
        id -> DbUuid,
        case_id -> DbUuid,
        at -> DbTs,
        kind -> Text,
        element -> Nullable<Text>,
        work_item_id -> Nullable<DbUuid>,
        by_id -> Nullable<DbUuid>,
        by_name -> Text,
        on_behalf_of -> Nullable<Text>,
        outcome -> Nullable<Text>,
        text -> Nullable<Text>,
        automatic -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_draft (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        process_id -> DbUuid,
        title -> Text,
        unit_id -> Nullable<DbUuid>,
        data -> DbJson,
        changed_at -> DbTs,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_cc (case_id, person_id) {
        case_id -> DbUuid,
        person_id -> DbUuid,
        by_name -> Text,
        at -> DbTs,
        read_at -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_question (id) {
        id -> DbUuid,
        case_id -> DbUuid,
        from_id -> DbUuid,
        to_id -> DbUuid,
        text -> Text,
        asked_at -> DbTs,
        answer -> Nullable<Text>,
        answered_at -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    notification (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        kind -> Text,
        text -> Text,
        case_id -> Nullable<DbUuid>,
        work_item_id -> Nullable<DbUuid>,
        link -> Nullable<Text>,
        at -> DbTs,
        read_at -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    deputy (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        deputy_id -> DbUuid,
        valid_from -> DbTs,
        valid_to -> DbTs,
        processes -> DbJson,
        ended_at -> Nullable<DbTs>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    webhook (id) {
        id -> DbUuid,
        name -> Text,
        url -> Text,
        secret -> Text,
        active -> Bool,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    webhook_delivery (id) {
        id -> DbUuid,
        webhook_id -> DbUuid,
        case_id -> Nullable<DbUuid>,
        body -> Text,
        created_at -> DbTs,
        next_at -> Nullable<DbTs>,
        attempts -> Integer,
        lease_until -> Nullable<DbTs>,
        delivered_at -> Nullable<DbTs>,
        last_error -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    process_pilot (process_id, unit_id) {
        process_id -> DbUuid,
        unit_id -> DbUuid,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    process_favourite (person_id, process_id) {
        person_id -> DbUuid,
        process_id -> DbUuid,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    work_candidate (work_item_id, person_id) {
        work_item_id -> DbUuid,
        person_id -> DbUuid,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_event (case_id, seq) {
        case_id -> DbUuid,
        seq -> Integer,
        at -> DbTs,
        event -> DbJson,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    case_file (case_id, file_id) {
        case_id -> DbUuid,
        file_id -> DbUuid,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        field -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    phrase (person_id, position) {
        person_id -> DbUuid,
        position -> Integer,
        text -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    document_series (kind, year) {
        kind -> Text,
        year -> Integer,
        last -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    /// Processes as packs had them when they were installed: what an update is compared with.
    pack_source (hash) {
        hash -> Text,
        source -> DbJson,
    }
}

allow_tables_to_appear_in_same_query!(
    document_series,
    pack_source,
    process,
    process_release,
    process_case,
    work_item,
    case_wait,
    case_story,
    case_draft,
    case_cc,
    case_question,
    notification,
    deputy,
    webhook,
    webhook_delivery,
    process_pilot,
    process_favourite,
    work_candidate,
    case_event,
    case_file,
    phrase,
);
db::joinable!(identity::schema::org_unit_tree::table, process_case::table);
db::joinable!(identity::schema::person::table, process_case::table);
db::joinable!(identity::schema::person::table, work_item::table);
db::joinable!(identity::schema::person::table, work_candidate::table);
db::joinable!(identity::schema::person::table, case_cc::table);
db::joinable!(identity::schema::org_unit_tree::table, work_item::table);
