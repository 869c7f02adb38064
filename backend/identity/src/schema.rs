//! The tables of this slice.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    org_unit (id) {
        id -> DbUuid,
        parent_id -> Nullable<DbUuid>,
        code -> Text,
        name -> Text,
        kind -> Text,
        active -> Bool,
        created_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    org_unit_tree (ancestor, descendant) {
        ancestor -> DbUuid,
        descendant -> DbUuid,
        depth -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    org_unit_head (id) {
        id -> DbUuid,
        unit_id -> DbUuid,
        person_id -> DbUuid,
        valid_from -> DbTs,
        valid_to -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    person (id) {
        id -> DbUuid,
        name -> Text,
        name_key -> Text,
        login -> Text,
        employee_number -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        active -> Bool,
        language -> Nullable<Text>,
        theme -> Text,
        created_at -> DbTs,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    post (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        unit_id -> DbUuid,
        title -> Text,
        kind -> Text,
        valid_from -> DbTs,
        valid_to -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    role (id) {
        id -> DbUuid,
        code -> Text,
        name -> Text,
        exclusive -> Nullable<Text>,
        built_in -> Bool,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    role_permission (role_id, permission) {
        role_id -> DbUuid,
        permission -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    role_assignment (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        role_id -> DbUuid,
        scope -> Text,
        unit_id -> Nullable<DbUuid>,
        valid_from -> DbTs,
        valid_to -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    credential (person_id) {
        person_id -> DbUuid,
        password_hash -> Text,
        must_change -> Bool,
        expires_at -> Nullable<DbTs>,
        changed_at -> DbTs,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    password_history (person_id, changed_at) {
        person_id -> DbUuid,
        changed_at -> DbTs,
        password_hash -> Text,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    session (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> DbTs,
        last_seen_at -> DbTs,
        expires_at -> DbTs,
        ended_at -> Nullable<DbTs>,
        end_reason -> Nullable<Text>,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    refresh_token (token_hash) {
        token_hash -> Binary,
        session_id -> DbUuid,
        created_at -> DbTs,
        rotated_at -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    access_token (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        name -> Text,
        prefix -> Text,
        token_hash -> Binary,
        scopes -> DbJson,
        networks -> DbJson,
        created_at -> DbTs,
        expires_at -> DbTs,
        last_used_at -> Nullable<DbTs>,
        revoked_at -> Nullable<DbTs>,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    login_throttle (subject) {
        subject -> Text,
        failures -> Integer,
        window_from -> DbTs,
        locked_until -> Nullable<DbTs>,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    setup_link (id) {
        id -> Integer,
        token_hash -> Binary,
        created_at -> DbTs,
    }
}

table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    import_batch (id) {
        id -> DbUuid,
        kind -> Text,
        made_by -> DbUuid,
        made_at -> DbTs,
        created -> Integer,
        updated -> Integer,
        remaining -> Integer,
        version -> Integer,
    }
}
table! {
    use diesel::sql_types::*;
    use kernel::column::*;
    import_row (batch_id, position) {
        batch_id -> DbUuid,
        position -> Integer,
        subject_id -> DbUuid,
        label -> Text,
        version -> Integer,
        before -> Nullable<DbJson>,
        undone -> Bool,
    }
}

allow_tables_to_appear_in_same_query!(
    org_unit,
    org_unit_tree,
    org_unit_head,
    person,
    post,
    role,
    role_permission,
    role_assignment,
    credential,
    password_history,
    session,
    refresh_token,
    access_token,
    login_throttle,
    setup_link,
);
