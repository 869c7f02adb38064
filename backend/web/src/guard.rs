//! The verb of an operation, in the handler's signature.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use kernel::{Code, Error, may::Demand};
use utoipa::openapi::security::SecurityRequirement;

use crate::{
    ApiError, AppState, Call, Describe, Doc,
    context::{client_address, context_actor},
};

/// A caller who is logged in and holds the permission `P` somewhere. Which rows that reaches is the slice's policy.
pub struct Guard<P> {
    call: Call,
    demand: PhantomData<fn() -> P>,
}

impl<P> Deref for Guard<P> {
    type Target = Call;
    fn deref(&self) -> &Call {
        &self.call
    }
}

impl<P: Demand> FromRequest for Guard<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request.app_data::<web::Data<AppState>>().cloned().ok_or_else(|| Error::internal("no application state"))?;
            let token = bearer(&request).ok_or_else(|| Error::new(Code::Unauthenticated))?;
            let who = state.authenticator.authenticate(token, client_address(&request)).await?;
            let must_change = who.must_change_password;
            let actor = Arc::new(context_actor(&request, Some(who)));
            let refused = if must_change && !P::BEFORE_PASSWORD_CHANGE {
                Some(Error::forbidden(Code::PasswordMustChange))
            } else {
                P::PERMISSION
                    .filter(|permission| !actor.holds(*permission))
                    .map(|permission| Error::forbidden(Code::Forbidden).with("permission", permission))
            };
            if let Some(error) = refused {
                state.db.note_denial(&actor, &error).await.map_err(|cause| Error::new(Code::Unavailable).because(cause))?;
                return Err(error.into());
            }
            Ok(Self { call: Call::new(state.db.clone(), actor, request.clone()), demand: PhantomData })
        })
    }
}

/// Whether the caller of a long answer is still welcome, with the rights of now.
pub async fn still_authenticated(request: &HttpRequest, state: &AppState) -> Result<Arc<kernel::Actor>, Error> {
    let token = bearer(request).ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let who = state.authenticator.authenticate(token, client_address(request)).await?;
    Ok(Arc::new(context_actor(request, Some(who))))
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token.trim())
}

impl<P: Demand> Describe for Guard<P> {
    fn describe(doc: &mut Doc) {
        doc.operation.security = Some(vec![SecurityRequirement::new::<_, _, String>("bearer", [])]);
        doc.permission = Some(P::PERMISSION);
        doc.statuses.extend([401, 403, 429, 503]);
    }
}

/// A caller who need not be known: log-in, set-up, the document itself.
pub struct Public {
    call: Call,
}

impl Deref for Public {
    type Target = Call;
    fn deref(&self) -> &Call {
        &self.call
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let call = request
            .app_data::<web::Data<AppState>>()
            .ok_or_else(|| Error::internal("no application state"))
            .map(|state| Call::new(state.db.clone(), Arc::new(context_actor(request, None)), request.clone()));
        std::future::ready(call.map(|call| Self { call }).map_err(ApiError))
    }
}

impl Describe for Public {
    fn describe(doc: &mut Doc) {
        doc.operation.security = Some(vec![SecurityRequirement::default()]);
        doc.statuses.extend([401, 403, 429, 503]);
    }
}
