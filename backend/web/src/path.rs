//! Path parameters: what does not parse names nothing, so it is 404.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{Code, Error};
use serde::de::DeserializeOwned;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, Required, SchemaFormat,
    path::{ParameterBuilder, ParameterIn},
    schema::Type,
};

use crate::{ApiError, Describe, Doc};

/// The parameters of the path, one or a tuple.
pub struct Path<T>(T);

impl<T> Path<T> {
    /// The parsed value.
    pub fn into_inner(self) -> T {
        self.0
    }
}
impl<T> Deref for Path<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = request.match_info().load::<T>();
        ready(parsed.map(Self).map_err(|_| ApiError(Error::new(Code::NotFound))))
    }
}

impl<T> Describe for Path<T> {
    fn describe(doc: &mut Doc) {
        let parameters = doc.path_parameters.iter().map(|name| {
            let mut schema = ObjectBuilder::new().schema_type(if matches!(name.as_str(), "year" | "number" | "token") {
                Type::Integer
            } else {
                Type::String
            });
            if name.ends_with("id") {
                schema = schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
            }
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(schema)).build().into()
        });
        doc.operation.parameters.get_or_insert_with(Vec::new).extend(parameters);
        doc.statuses.insert(404);
    }
}
