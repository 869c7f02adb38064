//! Optimistic concurrency: `If-Match` with the version that the change is based on (RFC 9110, 13.1.1).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use kernel::{Code, Error};
use utoipa::openapi::{
    ObjectBuilder, Required,
    path::{ParameterBuilder, ParameterIn},
    schema::Type,
};

use crate::{ApiError, Describe, Doc};

/// The version that the caller saw.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i32);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(header::IF_MATCH);
        ready(match value {
            None => Err(ApiError(Error::new(Code::VersionRequired))),
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok())
                .map(Self)
                // A tag that is not one of ours matches nothing.
                .ok_or_else(|| ApiError(Error::new(Code::Stale))),
        })
    }
}

impl Describe for IfMatch {
    fn describe(doc: &mut Doc) {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The `ETag` of what you saw, for example `\"3\"`."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^\"[0-9]+\"$"))));
        doc.operation.parameters.get_or_insert_with(Vec::new).push(parameter.build().into());
        doc.statuses.extend([412, 428]);
    }
}
