//! Query strings, strictly: unknown names, repeated scalars and empty values are refused. A filter that came out empty by
//! mistake must not list everything.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{Code, Cursor, Error, FieldError, PageRequest, Params};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema, openapi::path::ParameterIn};
use validator::Validate;

use crate::{ApiError, Describe, Doc, body::field_errors};

/// Parameters of the query string.
pub struct Query<T>(T);

impl<T> Query<T> {
    /// The parsed parameters.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(request.query_string()).map(Self).map_err(ApiError))
    }
}

/// Reads a query string as strictly as a list does.
pub fn parse_query<T: DeserializeOwned + Validate>(query: &str) -> Result<T, Error> {
    let mut refused = Vec::new();
    for (name, value) in form_pairs(query) {
        if value.contains('\u{fffd}') || value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            refused.push(FieldError { pointer: format!("?{name}"), code: Code::ControlCharacter, params: Params::new() });
        } else if value.is_empty() {
            refused.push(FieldError { pointer: format!("?{name}"), code: Code::Required, params: Params::new() });
        }
    }
    if !refused.is_empty() {
        return Err(Error::new(Code::Invalid).fields_of(refused));
    }
    let parsed = serde_path_to_error::deserialize(serde_html_form::Deserializer::new(form_parse(query)));
    let value: T = parsed.map_err(|error: serde_path_to_error::Error<_>| {
        let message = error.inner().to_string();
        let quoted = |prefix: &str| message.strip_prefix(prefix).and_then(|rest| rest.split('`').next()).map(str::to_owned);
        let path = error.path().to_string();
        let (name, code) = if let Some(name) = quoted("unknown field `") {
            (name, Code::Unknown)
        } else if let Some(name) = quoted("missing field `") {
            (name, Code::Required)
        } else if let Some(name) = quoted("duplicate field `") {
            (name, Code::Duplicate)
        } else if message.contains("unknown variant") {
            (path, Code::NotAChoice)
        } else {
            (path, Code::WrongType)
        };
        let params = Params::from([("reason", message.clone())]);
        Error::new(Code::Invalid).fields_of(vec![FieldError { pointer: format!("?{}", name.trim_matches('.')), code, params }])
    })?;
    value.validate().map_err(|errors| {
        let fields = field_errors(&errors, "").into_iter();
        Error::new(Code::Invalid)
            .fields_of(fields.map(|field| FieldError { pointer: field.pointer.replacen('/', "?", 1), ..field }).collect())
    })?;
    Ok(value)
}

fn form_parse(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

fn form_pairs(query: &str) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
    form_parse(query)
}

impl<T: IntoParams + ToSchema> Describe for Query<T> {
    fn describe(doc: &mut Doc) {
        doc.schemas_inside::<T>();
        let parameters = T::into_params(|| Some(ParameterIn::Query)).into_iter().map(Into::into);
        doc.operation.parameters.get_or_insert_with(Vec::new).extend(parameters);
        doc.statuses.insert(422);
    }
}

/// The two parameters of every list. A limit above the maximum is an error, not a silent cap.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    pub after: Option<String>,
}

impl List {
    /// The checked page.
    pub fn page(self) -> Result<PageRequest, Error> {
        page_of(self.limit, self.after.as_deref())
    }
}

/// The page of a list with more parameters than these two; `limit` is already in its range.
pub fn page_of(limit: Option<i64>, after: Option<&str>) -> Result<PageRequest, Error> {
    Ok(PageRequest { limit: limit.unwrap_or(50), after: after.map(Cursor::decode).transpose()? })
}
