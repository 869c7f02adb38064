//! RFC 9457: every refusal as a document with a stable code.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode};
use kernel::{Code, Error, Params};
use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// RFC 6901 pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// Values for the text.
    pub params: BTreeMap<String, String>,
    /// The text in the reader's language.
    pub detail: String,
}

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI reference that names the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text of the code in the reader's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The same text, filled with the parameters.
    pub detail: String,
    /// Stable code; clients translate it.
    pub code: String,
    /// Values for the text.
    pub params: BTreeMap<String, String>,
    /// The fields concerned.
    pub errors: Vec<FieldProblem>,
    /// Quote it when asking for help; it is in the server's log and in the records.
    pub request_id: String,
}

impl Problem {
    /// The document of an error, for a reader and a request.
    #[must_use]
    pub fn of(error: &Error, chinese: bool, request_id: &str) -> Self {
        let code = error.code();
        let detail = code.text(chinese, error.params());
        Self {
            kind: format!("urn:zhidu:problem:{code}"),
            title: detail.clone(),
            status: code.status(),
            detail,
            code: code.to_string(),
            params: owned(error.params()),
            errors: error
                .fields()
                .iter()
                .map(|field| FieldProblem {
                    pointer: field.pointer.clone(),
                    code: field.code.to_string(),
                    params: owned(&field.params),
                    detail: field.code.text(chinese, &field.params),
                })
                .collect(),
            request_id: request_id.to_owned(),
        }
    }
}

fn owned(params: &Params) -> BTreeMap<String, String> {
    params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// An [`Error`] on its way out. The body is written by [`crate::finish()`], which knows the reader and the request.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}
impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What [`crate::finish()`] finds in the extensions of a refused response.
pub(crate) struct Pending(pub Error);

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code().status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    }

    fn error_response(&self) -> HttpResponse {
        let error = &self.0;
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(seconds) = error.params().get("retry_after") {
            response.insert_header(("retry-after", seconds.as_str()));
        } else if error.code() == Code::Unavailable {
            response.insert_header(("retry-after", "1"));
        }
        if error.code().status() == 401 {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        let mut response = response.finish();
        let mut copy = Error::new(error.code()).fields_of(error.fields().to_vec());
        for (name, value) in error.params() {
            copy = copy.with(name, value);
        }
        if let Some(cause) = error.cause() {
            copy = copy.because(cause);
        }
        response.extensions_mut().insert(Pending(copy));
        response
    }
}
