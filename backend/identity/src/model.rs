//! Types of this slice.

use kernel::{Permission, PersonId, Ts, UnitId, column::RawJson, kinds};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    import::{ImportId, ImportedKind},
    schema,
};

kinds! {
    /// A post of a person in a unit.
    PostKind, PostId = "post";
    /// A role.
    RoleKind, RoleId = "role";
    /// An assignment of a role.
    AssignmentKind, AssignmentId = "role_assignment";
    /// A log-in that is open or was.
    SessionKind, SessionId = "session";
    /// A personal access token.
    TokenKind, TokenId = "access_token";
}

kernel::text_enum! {
    /// A legal body, or a part of one.
    pub enum UnitType {
        /// 公司
        Company = "company",
        /// 部门
        Unit = "unit",
    }
}
kernel::text_enum! {
    /// 主岗 or 兼岗.
    pub enum PostType {
        /// The one that counts for the person's unit.
        Main = "main",
        /// Any number besides.
        Side = "side",
    }
}
kernel::text_enum! {
    /// How far a role's permissions reach.
    pub enum RoleScope {
        /// What is the person's own.
        Own = "own",
        /// One unit.
        Unit = "unit",
        /// A unit and everything below.
        Subtree = "subtree",
        /// Everything.
        All = "all",
    }
}
kernel::text_enum! {
    /// The three administrators of whom nobody may be two (三员).
    pub enum Exclusive {
        /// 系统管理员
        System = "system",
        /// 安全管理员
        Security = "security",
        /// 审计管理员
        Audit = "audit",
    }
}
kernel::text_enum! {
    /// A language of the page.
    pub enum Language {
        /// 简体中文
        Chinese = "zh-CN",
        /// English
        English = "en",
    }
}
kernel::text_enum! {
    /// Colours of the page.
    pub enum Theme {
        /// Light
        Light = "light",
        /// Dark
        Dark = "dark",
        /// As the device is set.
        System = "system",
    }
}

/// A person as others refer to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonRef {
    /// The person.
    pub id: PersonId,
    /// The name now.
    pub name: String,
}

/// A unit as others refer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitRef {
    /// The unit.
    pub id: UnitId,
    /// The name now.
    pub name: String,
}

/// A unit's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::org_unit, treat_none_as_default_value = false)]
pub struct OrgUnit {
    pub id: UnitId,
    pub parent_id: Option<UnitId>,
    pub code: String,
    pub name: String,
    pub kind: UnitType,
    pub active: bool,
    pub created_at: Ts,
    pub version: i32,
}

/// A person's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::person, treat_none_as_default_value = false)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub login: String,
    pub employee_number: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub active: bool,
    pub language: Option<Language>,
    pub theme: Theme,
    pub created_at: Ts,
    pub version: i32,
}

/// A post's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::post, treat_none_as_default_value = false)]
pub struct Post {
    pub id: PostId,
    pub person_id: PersonId,
    pub unit_id: UnitId,
    pub title: String,
    pub kind: PostType,
    pub valid_from: Ts,
    pub valid_to: Option<Ts>,
}

/// A role's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::role, treat_none_as_default_value = false)]
pub struct Role {
    pub id: RoleId,
    pub code: String,
    pub name: String,
    pub exclusive: Option<Exclusive>,
    pub built_in: bool,
    pub version: i32,
}

/// An assignment's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::role_assignment, treat_none_as_default_value = false)]
pub struct Assignment {
    pub id: AssignmentId,
    pub person_id: PersonId,
    pub role_id: RoleId,
    pub scope: RoleScope,
    pub unit_id: Option<UnitId>,
    pub valid_from: Ts,
    pub valid_to: Option<Ts>,
}

/// A session's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::session, treat_none_as_default_value = false)]
pub struct Session {
    pub id: SessionId,
    pub person_id: PersonId,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Ts,
    pub last_seen_at: Ts,
    pub expires_at: Ts,
    pub ended_at: Option<Ts>,
    pub end_reason: Option<String>,
    pub version: i32,
}

/// An import's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::import_batch, treat_none_as_default_value = false)]
pub struct ImportBatch {
    pub id: ImportId,
    pub kind: ImportedKind,
    pub made_by: PersonId,
    pub made_at: Ts,
    pub created: i32,
    pub updated: i32,
    pub remaining: i32,
    pub version: i32,
}

/// An access token's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::access_token, treat_none_as_default_value = false)]
pub struct AccessToken {
    pub id: TokenId,
    pub person_id: PersonId,
    pub name: String,
    pub prefix: String,
    pub token_hash: Vec<u8>,
    pub scopes: RawJson,
    pub networks: RawJson,
    pub created_at: Ts,
    pub expires_at: Ts,
    pub last_used_at: Option<Ts>,
    pub revoked_at: Option<Ts>,
    pub version: i32,
}

/// A unit of the tree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrgUnitView {
    /// The unit.
    pub id: UnitId,
    /// The one above; null at the top.
    #[schema(required)]
    pub parent_id: Option<UnitId>,
    /// A short name for programs and sheets.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// company or unit.
    pub kind: UnitType,
    /// Its head today.
    #[schema(required)]
    pub head: Option<PersonRef>,
    /// False once closed.
    pub active: bool,
    /// For If-Match.
    pub version: i32,
}
impl View for OrgUnitView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// A post as people see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostView {
    /// The post.
    pub id: PostId,
    /// Where.
    pub unit: UnitRef,
    /// As what.
    pub title: String,
    /// main or side.
    pub kind: PostType,
    /// Since.
    pub valid_from: Ts,
    /// Until; null while it lasts.
    #[schema(required)]
    pub valid_to: Option<Ts>,
}

/// A role assignment as people see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssignmentView {
    /// The assignment.
    pub id: AssignmentId,
    /// The role.
    pub role: RoleRef,
    /// How far it reaches.
    pub scope: RoleScope,
    /// The unit, for scopes unit and subtree.
    #[schema(required)]
    pub unit: Option<UnitRef>,
}

/// A role as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleRef {
    /// The role.
    pub id: RoleId,
    /// What people call it.
    pub name: String,
}

/// A role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleView {
    /// The role.
    pub id: RoleId,
    /// A short name for programs.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// One of the three administrators.
    #[schema(required)]
    pub exclusive: Option<Exclusive>,
    /// Shipped with the product; it cannot be changed.
    pub built_in: bool,
    /// For If-Match.
    pub version: i32,
}
impl View for RoleView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// A person in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// The person.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The account.
    pub login: String,
    /// 工号
    #[schema(required)]
    pub employee_number: Option<String>,
    /// Mail.
    #[schema(required)]
    pub email: Option<String>,
    /// Phone.
    #[schema(required)]
    pub phone: Option<String>,
    /// False once deactivated.
    pub active: bool,
    /// The main post today.
    #[schema(required)]
    pub main_post: Option<MainPost>,
    /// For If-Match.
    pub version: i32,
}

/// Where somebody works mainly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MainPost {
    /// The unit.
    pub unit: UnitRef,
    /// As what.
    pub title: String,
}

/// A person with everything.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonDetail {
    /// As in lists.
    #[serde(flatten)]
    pub person: PersonView,
    /// All posts, past ones too.
    pub posts: Vec<PostView>,
    /// Roles today.
    pub roles: Vec<AssignmentView>,
    /// Set while locked after wrong passwords.
    #[schema(required)]
    pub locked_until: Option<Ts>,
    /// What the reader may do with it.
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for PersonDetail {
    fn version(&self) -> Option<i32> {
        Some(self.person.version)
    }
}
