//! What handlers return: the status is in the type.

use std::marker::PhantomData;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode, http::header};
use db::Reply;
use kernel::Page;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, ResponseBuilder},
};

use crate::{Describe, Doc};

/// Something the API shows.
pub trait View: Serialize + ToSchema + Send + 'static {
    /// Its version, for the ETag.
    fn version(&self) -> Option<i32> {
        None
    }
    /// Whether it carries a one-time secret.
    fn secret(&self) -> bool {
        false
    }
}

impl<T: Serialize + ToSchema + Send + 'static> View for Page<T> {}

/// A view with a secret that is shown once and never again.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Secret<T>(pub T);

impl<T: utoipa::PartialSchema> utoipa::PartialSchema for Secret<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        T::schema()
    }
}
impl<T: ToSchema> ToSchema for Secret<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        T::name()
    }
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        T::schemas(schemas);
    }
}
impl<T: Serialize + ToSchema + Send + 'static> View for Secret<T> {
    fn secret(&self) -> bool {
        true
    }
}

/// A JSON answer with its status in the type.
pub struct Answer<T, const STATUS: u16> {
    reply: Reply,
    view: PhantomData<fn() -> T>,
}

/// 201 with what was made.
pub type Created<T> = Answer<T, 201>;
/// 200 with what is, or now is.
pub type Fine<T> = Answer<T, 200>;

impl<T, const STATUS: u16> Answer<T, STATUS> {
    pub(crate) const fn of(reply: Reply) -> Self {
        Self { reply, view: PhantomData }
    }
}

impl<T: View> Answer<T, 200> {
    /// Answers with something that was not read in one transaction.
    pub fn with(view: &T) -> Result<Self, crate::ApiError> {
        let body = serde_json::to_string(view).map_err(kernel::Error::internal)?;
        Ok(Self::of(Reply { status: 200, body, version: view.version(), secret: view.secret() }))
    }
}

impl<T, const STATUS: u16> Responder for Answer<T, STATUS> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK));
        response.insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"));
        if let Some(version) = self.reply.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        response.body(self.reply.body)
    }
}

impl<T: View, const STATUS: u16> Describe for Answer<T, STATUS> {
    fn describe(doc: &mut Doc) {
        doc.schema::<T>();
        let content = ContentBuilder::new().schema(Some(Doc::reference::<T>())).build();
        let response =
            ResponseBuilder::new().description(if STATUS == 201 { "Made." } else { "Done." }).content("application/json", content);
        doc.operation.responses.responses.insert(STATUS.to_string(), response.build().into());
    }
}

/// 204.
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}
impl Describe for NoContent {
    fn describe(doc: &mut Doc) {
        let response = ResponseBuilder::new().description("Done; there is nothing to show.");
        doc.operation.responses.responses.insert("204".to_owned(), response.build().into());
    }
}

/// Bytes or a stream with a type of their own: files, exports, events.
pub struct Download(pub HttpResponse);

impl Responder for Download {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}
impl Describe for Download {
    fn describe(doc: &mut Doc) {
        let mut response = ResponseBuilder::new().description("The content.");
        for media_type in doc.media_types {
            response = response.content(*media_type, ContentBuilder::new().build());
        }
        doc.operation.responses.responses.insert("200".to_owned(), response.build().into());
    }
}

impl<T: Describe, E> Describe for Result<T, E> {
    fn describe(doc: &mut Doc) {
        T::describe(doc);
    }
}
