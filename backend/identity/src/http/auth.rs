//! Log-in, refresh, log-out, set-up.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::{Cookie, SameSite},
    web::Data,
};
use kernel::{Actor, ActorKind, Code, Error, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Describe, Doc, Fine, Guard, NoContent, Public, Valid, View, rules};

use crate::{
    Identity, PersonRef,
    model::SessionId,
    passwords::PasswordRules,
    secrets::ACCESS_SECONDS,
    service::{auth::Opened, bootstrap, sessions},
    store,
};

/// Account and password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The account.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    login: String,
    /// The password.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// An open session. The refresh token is in a cookie that scripts cannot read.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// For the `Authorization` header.
    access_token: String,
    /// Seconds until it must be refreshed.
    expires_in: i64,
    /// Until it is changed, nothing else is open (E4.5).
    must_change_password: bool,
    /// Who is logged in.
    person: PersonRef,
}
impl View for SessionView {}

/// A session on its way out, with its cookie.
pub struct WithCookie {
    view: SessionView,
    cookie: Cookie<'static>,
}

impl Responder for WithCookie {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().cookie(self.cookie).json(self.view)
    }
}
impl Describe for WithCookie {
    fn describe(doc: &mut Doc) {
        Fine::<SessionView>::describe(doc);
    }
}

/// `__Host-`: only this host, only HTTPS (or this very machine), never for scripts.
const COOKIE: &str = "__Host-zhidu_refresh";
/// Where the administrator has allowed plain HTTP, a browser would drop the other.
const PLAIN_COOKIE: &str = "zhidu_refresh";

fn cookie(request: &HttpRequest, token: String) -> Cookie<'static> {
    let host = request.connection_info().host().to_owned();
    let here = host.starts_with("localhost") || host.starts_with("127.0.0.1") || host.starts_with("[::1]");
    let secure = web::is_secure(request) || here;
    Cookie::build(if secure { COOKIE } else { PLAIN_COOKIE }, token)
        .path("/")
        .secure(secure)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish()
}

fn answer(request: &HttpRequest, opened: Opened) -> WithCookie {
    WithCookie {
        cookie: cookie(request, opened.refresh_token),
        view: SessionView {
            access_token: opened.access_token,
            expires_in: ACCESS_SECONDS,
            must_change_password: opened.must_change_password,
            person: opened.person,
        },
    }
}

/// POST /auth/login
pub async fn login(call: Public, identity: Data<Identity>, body: Valid<LogIn>) -> Result<WithCookie, ApiError> {
    web::foreign_origin(call.request())?;
    let body = body.into_inner();
    let opened = identity.log_in(call.actor(), &body.login, &body.password).await?;
    Ok(answer(call.request(), opened))
}

/// POST /auth/refresh
pub async fn refresh(call: Public, identity: Data<Identity>) -> Result<WithCookie, ApiError> {
    web::foreign_origin(call.request())?;
    let token = call.request().cookie(COOKIE).or_else(|| call.request().cookie(PLAIN_COOKIE));
    let token = token.ok_or_else(|| Error::new(Code::SessionEnded))?;
    Ok(answer(call.request(), identity.refresh(call.actor(), token.value()).await?))
}

/// POST /auth/logout
pub async fn logout(call: Guard<may::ChangePassword>, identity: Data<Identity>) -> Result<LoggedOut, ApiError> {
    sessions::require_session(call.actor())?;
    let session = call.actor().session.ok_or_else(|| Error::new(Code::Unauthenticated))?;
    identity.end(call.actor(), SessionId::from_uuid(session), "logged_out").await?;
    Ok(LoggedOut)
}

/// 204 that also clears what the browser keeps of us.
pub struct LoggedOut;
impl Responder for LoggedOut {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let gone = |name: &'static str, secure| {
            let mut cookie = Cookie::build(name, "").path("/").secure(secure).http_only(true).same_site(SameSite::Strict).finish();
            cookie.make_removal();
            cookie
        };
        HttpResponse::NoContent()
            .insert_header(("clear-site-data", "\"cache\", \"storage\""))
            .cookie(gone(COOKIE, true))
            .cookie(gone(PLAIN_COOKIE, false))
            .finish()
    }
}
impl Describe for LoggedOut {
    fn describe(doc: &mut Doc) {
        NoContent::describe(doc);
    }
}

/// A new password for oneself.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one that is valid now.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    current_password: String,
    /// The new one; see `GET /auth/password-rules`.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    new_password: String,
}

/// POST /auth/password
pub async fn change_password(
    call: Guard<may::ChangePassword>,
    identity: Data<Identity>,
    body: Valid<ChangePassword>,
) -> Result<WithCookie, ApiError> {
    sessions::require_session(call.actor())?;
    let body = body.into_inner();
    let id = call.actor().require_person()?;
    let rules = identity.profile().rules();
    let history = i64::try_from(rules.history).unwrap_or(0);
    let (person, stored, former) = call
        .db()
        .read(call.actor(), move |tx| {
            let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
            let stored = store::credential(tx, id)?.map(|credential| credential.password_hash);
            Ok((person, stored, store::former_passwords(tx, id, history)?))
        })
        .await?;
    if !identity.hasher().verify(&body.current_password, stored.clone()).await? {
        return Err(Error::invalid("/current_password", Code::PasswordWrong).into());
    }
    identity.profile().check("/new_password", &body.new_password, &[&person.login, &person.name, "zhidu"])?;
    for hash in former.into_iter().chain(stored) {
        if identity.hasher().verify(&body.new_password, Some(hash)).await? {
            return Err(Error::invalid("/new_password", Code::PasswordReused).into());
        }
    }
    let hash = identity.hasher().hash(&body.new_password).await?;
    call.db().write(call.actor(), move |tx| sessions::change_password(tx, &hash)).await?;
    // A new session: what was open with the old password is over, this one too.
    let old = call.actor().session.ok_or_else(|| Error::new(Code::Unauthenticated))?;
    identity.end(call.actor(), SessionId::from_uuid(old), "password_changed").await?;
    let opened = identity.open(call.actor(), person, false).await?;
    Ok(answer(call.request(), opened))
}

/// GET /auth/password-rules
pub async fn password_rules(_: Public, identity: Data<Identity>) -> Result<Fine<PasswordRules>, ApiError> {
    Fine::with(&identity.profile().rules())
}

/// Whether the set-up is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupState {
    /// True until the first administrator is made.
    open: bool,
}
impl View for SetupState {}

/// GET /auth/setup
pub async fn setup_state(call: Public) -> Result<Fine<SetupState>, ApiError> {
    call.read(|tx| Ok(SetupState { open: !store::anybody(tx)? })).await
}

/// The first administrator and the company.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// From the one-time link.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    token: String,
    /// The company's name.
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    company: String,
    /// The administrator's name.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// The account.
    #[validate(length(min = 2, max = 60), custom(function = "rules::code"))]
    #[schema(min_length = 2, max_length = 60, pattern = "^[A-Za-z0-9._-]+$")]
    login: String,
    /// The password.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// POST /auth/setup
pub async fn setup(call: Public, identity: Data<Identity>, body: Valid<SetUp>) -> Result<WithCookie, ApiError> {
    let body = body.into_inner();
    identity.profile().check("/password", &body.password, &[&body.login, &body.name, &body.company])?;
    let setup = bootstrap::Setup {
        password_hash: identity.hasher().hash(&body.password).await?,
        token: body.token,
        company: body.company,
        name: body.name,
        login: body.login,
    };
    let actor = Arc::new(Actor { kind: ActorKind::Bootstrap, ..(**call.actor()).clone() });
    let person = call.db().write(&actor, move |tx| bootstrap::set_up(tx, &setup)).await?;
    Ok(answer(call.request(), identity.open(call.actor(), person, false).await?))
}
