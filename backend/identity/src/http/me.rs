//! What is one's own.

use actix_web::web::Data;
use kernel::{Error, Page, Permission, PersonId, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, List, NoContent, Path, Query, Secret, Valid, View, rules};

use crate::{
    Identity, UnitRef,
    model::{Language, PostType, RoleScope, SessionId, Theme, TokenId},
    secrets,
    service::{people, sessions},
    store,
    store::sessions::Login,
};

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    id: PersonId,
    name: String,
    login: String,
    #[schema(required)]
    email: Option<String>,
    #[schema(required)]
    phone: Option<String>,
    /// Until it is changed, nothing else is open (E4.5).
    must_change_password: bool,
    /// null: as the browser asks.
    #[schema(required)]
    language: Option<Language>,
    theme: Theme,
    posts: Vec<MyPost>,
    roles: Vec<MyRole>,
    /// What I may do somewhere; what I may do with a thing, the thing says (`allowed_actions`).
    permissions: Vec<Permission>,
    /// For If-Match.
    version: i32,
}
impl View for MeView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// One of my posts.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPost {
    unit: UnitRef,
    title: String,
    kind: PostType,
}

/// One of my roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyRole {
    name: String,
    scope: RoleScope,
    #[schema(required)]
    unit: Option<UnitRef>,
}

fn me(tx: &mut db::ReadTx<'_>) -> Result<MeView, Error> {
    let id = tx.actor().require_person()?;
    let detail = people::show(tx, id)?;
    let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let must_change_password = store::credential(tx, id)?.is_some_and(|credential| credential.must_change);
    Ok(MeView {
        id,
        name: person.name,
        login: person.login,
        email: person.email,
        phone: person.phone,
        must_change_password,
        language: person.language,
        theme: person.theme,
        posts: detail
            .posts
            .into_iter()
            .filter(|post| post.valid_to.is_none())
            .map(|post| MyPost { unit: post.unit, title: post.title, kind: post.kind })
            .collect(),
        roles: detail.roles.into_iter().map(|held| MyRole { name: held.role.name, scope: held.scope, unit: held.unit }).collect(),
        permissions: tx.actor().grants.keys().copied().collect(),
        version: person.version,
    })
}

/// GET /me
pub async fn show(call: Guard<may::ChangePassword>) -> Result<Fine<MeView>, ApiError> {
    call.read(me).await
}

/// My settings.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    language: Option<Language>,
    theme: Option<Theme>,
}

/// PATCH /me
pub async fn change(call: Guard<may::UseAccount>, expected: IfMatch, body: Valid<Preferences>) -> Result<Fine<MeView>, ApiError> {
    let body = body.into_inner();
    call.change(move |tx| people::change_preferences(tx, expected.0, body.language, body.theme)?.and_then(|()| me(tx))).await
}

/// One of my sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionItem {
    id: SessionId,
    created_at: Ts,
    last_seen_at: Ts,
    #[schema(required)]
    address: Option<String>,
    #[schema(required)]
    user_agent: Option<String>,
    /// The one that asks.
    current: bool,
}

/// My sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionItems {
    items: Vec<SessionItem>,
}
impl View for SessionItems {}

/// GET /me/sessions
pub async fn sessions(call: Guard<may::UseAccount>) -> Result<Fine<SessionItems>, ApiError> {
    call.read(|tx| {
        let (person, current) = (tx.actor().require_person()?, tx.actor().session);
        let items = store::sessions::open_sessions(tx, person)?
            .into_iter()
            .map(|session| SessionItem {
                current: Some(session.id.uuid()) == current,
                id: session.id,
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                address: session.address,
                user_agent: session.user_agent,
            })
            .collect();
        Ok(SessionItems { items })
    })
    .await
}

/// DELETE /me/sessions/{id}
pub async fn end_session(call: Guard<may::UseAccount>, identity: Data<Identity>, id: Path<SessionId>) -> Result<NoContent, ApiError> {
    let id = *id;
    let done = call.done(move |tx| sessions::end_own(tx, id)).await?;
    identity.forget(id.uuid());
    Ok(done)
}

/// An access token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    id: TokenId,
    name: String,
    /// How it begins, so that it can be recognised.
    prefix: String,
    scopes: Vec<Permission>,
    /// Networks from which it works; everywhere if empty.
    networks: Vec<String>,
    created_at: Ts,
    expires_at: Ts,
    #[schema(required)]
    last_used_at: Option<Ts>,
}

/// My access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenViews {
    items: Vec<TokenView>,
}
impl View for TokenViews {}

/// A new access token with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewTokenView {
    /// Shown once.
    token: String,
    #[serde(flatten)]
    view: TokenView,
}

fn token_view(token: crate::model::AccessToken) -> Result<TokenView, Error> {
    Ok(TokenView {
        scopes: token.scopes.parse()?,
        networks: token.networks.parse()?,
        id: token.id,
        name: token.name,
        prefix: token.prefix,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    })
}

/// GET /me/tokens
pub async fn tokens(call: Guard<may::UseAccount>) -> Result<Fine<TokenViews>, ApiError> {
    call.read(|tx| {
        let person = tx.actor().require_person()?;
        let items = store::sessions::access_tokens(tx, person)?.into_iter().map(token_view).collect::<Result<_, _>>()?;
        Ok(TokenViews { items })
    })
    .await
}

/// An access token to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What it is for.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// What it may do, at most what I may.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    scopes: Vec<Permission>,
    /// CIDR networks from which it works; everywhere if empty.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    networks: Vec<String>,
    /// Until when.
    expires_at: Ts,
}

/// POST /me/tokens
pub async fn create_token(call: Guard<may::UseAccount>, body: Valid<CreateToken>) -> Result<Created<Secret<NewTokenView>>, ApiError> {
    sessions::require_session(call.actor())?;
    let body = body.into_inner();
    let networks = body
        .networks
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let single = || text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            text.parse().or_else(|_| single()).map_err(|_| Error::invalid(format!("/networks/{index}"), kernel::Code::BadFormat))
        })
        .collect::<Result<Vec<ipnet::IpNet>, Error>>()?;
    let secret = secrets::random_token();
    let new = sessions::NewToken { name: body.name, scopes: body.scopes, networks, expires_at: body.expires_at, secret };
    call.create(move |tx| {
        sessions::create_token(tx, &new)?.and_then(|token| {
            let token_text = format!("{}{}", sessions::TOKEN_PREFIX, new.secret);
            Ok(Secret(NewTokenView { token: token_text, view: token_view(token)? }))
        })
    })
    .await
}

/// DELETE /me/tokens/{id}
pub async fn revoke_token(call: Guard<may::UseAccount>, id: Path<TokenId>, identity: Data<Identity>) -> Result<NoContent, ApiError> {
    let id = *id;
    let done = call.done(move |tx| sessions::revoke_token(tx, id)).await?;
    identity.forget(id.uuid());
    Ok(done)
}

/// One log-in, or an attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginItem {
    at: Ts,
    #[schema(required)]
    address: Option<String>,
    #[schema(required)]
    user_agent: Option<String>,
    /// success or denied.
    outcome: String,
    /// Why it was refused.
    #[schema(required)]
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Where {
    address: Option<String>,
    user_agent: Option<String>,
}

/// GET /me/logins
pub async fn logins(call: Guard<may::UseAccount>, query: Query<List>) -> Result<Fine<Page<LoginItem>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| {
        let person = tx.actor().require_person()?;
        let rows = store::sessions::logins(tx, person, &page)?;
        Ok(page.page(rows, |row| (row.time, row.id.0)).map(|Login { time: at, outcome, reason, detail, .. }| {
            let place: Where = detail.and_then(|detail| serde_json::from_str(&detail).ok()).unwrap_or_default();
            LoginItem { at, address: place.address, user_agent: place.user_agent, outcome, reason }
        }))
    })
    .await
}
