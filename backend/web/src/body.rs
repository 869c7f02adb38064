//! Bodies: JSON that is checked field by field, and plain bytes.

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use kernel::{Code, Error, FieldError, Params};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, Required, request_body::RequestBodyBuilder},
};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{ApiError, Describe, Doc};

/// The largest JSON body.
const JSON_LIMIT: usize = 1 << 20;
/// The largest upload.
pub(crate) const UPLOAD_LIMIT: usize = 20 << 20;

/// SHA-256 of the body, for `Idempotency-Key`.
pub(crate) struct BodyHash(pub [u8; 32]);

/// A JSON body that has passed its type and its rules. Unknown fields are refused by the type itself.
pub struct Valid<T>(T);

impl<T> Valid<T> {
    /// The checked value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Valid<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            if request.mime_type().ok().flatten().is_none_or(|mime| mime.essence_str() != "application/json") {
                return Err(Error::new(Code::UnsupportedMediaType).with("expected", "application/json").into());
            }
            let bytes = collect(&request, payload, JSON_LIMIT).await?;
            Ok(Self(parse(&bytes)?))
        })
    }
}

impl<T: ToSchema> Describe for Valid<T> {
    fn describe(doc: &mut Doc) {
        doc.schema::<T>();
        let content = ContentBuilder::new().schema(Some(Doc::reference::<T>())).build();
        doc.operation.request_body =
            Some(RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build().into());
        doc.statuses.extend([400, 413, 415, 422]);
    }
}

/// A body as it came, with its media type.
pub struct Bytes {
    /// The content.
    pub content: bytes::Bytes,
    /// Type and subtype, without parameters.
    pub media_type: String,
}

impl FromRequest for Bytes {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let media_type = request.mime_type().ok().flatten().map(|mime| mime.essence_str().to_owned());
            let media_type = media_type
                .filter(|media_type| !FORM_TYPES.contains(&media_type.as_str()))
                .ok_or_else(|| Error::new(Code::UnsupportedMediaType).with("expected", "the file's own type"))?;
            let content = collect(&request, payload, UPLOAD_LIMIT).await?;
            Ok(Self { content: content.into(), media_type })
        })
    }
}

/// As much as the largest upload that is ever taken.
const DRAIN_LIMIT: usize = UPLOAD_LIMIT;
const DRAIN_TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// What a foreign page's form could send without asking.
const FORM_TYPES: &[&str] = &["application/x-www-form-urlencoded", "multipart/form-data"];

impl Describe for Bytes {
    fn describe(doc: &mut Doc) {
        let body =
            RequestBodyBuilder::new().content("application/octet-stream", ContentBuilder::new().build()).required(Some(Required::True));
        doc.operation.request_body = Some(body.build().into());
        doc.statuses.extend([400, 413, 415, 422]);
    }
}

/// Lets a refused body run out, unread and unkept: a client still sending when the connection closes would see a reset and
/// not the refusal. Bounded in bytes and in time.
pub async fn drain(mut payload: Payload) {
    let discard = async {
        let mut left = DRAIN_LIMIT;
        while let Some(Ok(chunk)) = payload.next().await {
            match left.checked_sub(chunk.len()) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether it ended in time does not matter: the refusal is sent either way.
    drop(tokio::time::timeout(DRAIN_TIME, discard).await);
}

/// Reads a body up to a limit; what is longer is refused and not kept.
pub async fn collect(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Vec<u8>, Error> {
    let too_large = || Error::new(Code::TooLarge).with("limit", format!("{} KiB", limit >> 10));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        drain(payload).await;
        return Err(too_large());
    }
    let mut payload = web::Payload::from_request(request, &mut { payload }).await.map_err(malformed)?;
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        bytes.extend_from_slice(&chunk.map_err(malformed)?);
        if bytes.len() > limit {
            drain(payload.into_inner()).await;
            return Err(too_large());
        }
    }
    request.extensions_mut().insert(BodyHash(Sha256::digest(&bytes).into()));
    Ok(bytes)
}

fn malformed(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::Malformed).with("reason", reason)
}

fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("the body is not UTF-8"))?;
    if text.contains("\\u00") {
        refuse_control_characters(text)?;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| type_error(&error))?;
    json.end().map_err(|_| malformed("there is something after the JSON value"))?;
    value.validate().map_err(|errors| Error::new(Code::Invalid).fields_of(field_errors(&errors, "")))?;
    Ok(value)
}

/// PostgreSQL cannot store U+0000, and no field of ours wants any other control character than line ends and tabs.
/// JSON itself forbids them raw, so only escapes need a look.
fn refuse_control_characters(text: &str) -> Result<(), Error> {
    fn walk(value: &serde_json::Value, pointer: &str, found: &mut Vec<FieldError>) {
        let bad = |text: &str| text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        match value {
            serde_json::Value::String(text) if bad(text) => {
                found.push(FieldError { pointer: pointer.to_owned(), code: Code::ControlCharacter, params: Params::new() });
            }
            serde_json::Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{pointer}/{index}"), found));
            }
            serde_json::Value::Object(map) => map.iter().for_each(|(name, item)| {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                if bad(name) {
                    found.push(FieldError { pointer: pointer.clone(), code: Code::Unknown, params: Params::new() });
                }
                walk(item, &pointer, found);
            }),
            _ => {}
        }
    }
    let value = serde_json::from_str(text).map_err(malformed)?;
    let mut found = Vec::new();
    walk(&value, "", &mut found);
    if found.is_empty() { Ok(()) } else { Err(Error::new(Code::Invalid).fields_of(found)) }
}

/// A body that is JSON but not of the type: which field, and why.
fn type_error(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let inner = error.inner();
    if !inner.is_data() {
        return malformed(inner);
    }
    let mut pointer = String::new();
    for segment in error.path() {
        use serde_path_to_error::Segment::{Enum, Map, Seq, Unknown};
        match segment {
            Seq { index } => pointer.push_str(&format!("/{index}")),
            Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Enum { .. } | Unknown => {}
        }
    }
    let message = inner.to_string();
    let quoted = |prefix: &str| {
        message.strip_prefix(prefix).and_then(|rest| rest.split('`').next()).map(|name| name.replace('~', "~0").replace('/', "~1"))
    };
    let field = |code, name: String| {
        let inside = pointer.ends_with(&format!("/{name}"));
        Error::invalid(if inside { pointer.clone() } else { format!("{pointer}/{name}") }, code)
    };
    if let Some(name) = quoted("unknown field `") {
        field(Code::Unknown, name)
    } else if let Some(name) = quoted("missing field `") {
        field(Code::Required, name)
    } else if let Some(name) = quoted("duplicate field `") {
        field(Code::Duplicate, name)
    } else {
        let reason = message.split(" at line ").next().unwrap_or_default();
        let code = if reason.starts_with("unknown variant") { Code::NotAChoice } else { Code::WrongType };
        // What was given is not repeated: it might be a password that lacks its quotes.
        let reason = reason.find("expected ").and_then(|at| reason.get(at..)).unwrap_or(reason).to_owned();
        let params = Params::from([("reason", reason)]);
        Error::new(Code::Invalid).fields_of(vec![FieldError { pointer, code, params }])
    }
}

/// validator's findings as ours. Its own JSON would repeat the rejected value, passwords included.
pub(crate) fn field_errors(errors: &ValidationErrors, prefix: &str) -> Vec<FieldError> {
    let mut found = Vec::new();
    for (name, kind) in errors.errors() {
        let pointer = if name == "__all__" { prefix.to_owned() } else { format!("{prefix}/{name}") };
        match kind {
            ValidationErrorsKind::Field(list) => found.extend(list.iter().map(|error| {
                let number = |name: &str| error.params.get(name).map(ToString::to_string);
                let length = error.params.get("value").and_then(|value| value.as_str()).map_or(0, |text| text.chars().count());
                let (min, max) = (number("min"), number("max"));
                let code = match error.code.as_ref() {
                    "length" if length == 0 && min.as_deref() == Some("1") => Code::Required,
                    "length" if min.as_deref().and_then(|min| min.parse().ok()).is_some_and(|min: usize| length < min) => Code::TooShort,
                    "length" => Code::TooLong,
                    "range" => Code::OutOfRange,
                    code => code.parse().unwrap_or(Code::BadFormat),
                };
                let params = [("min", min), ("max", max)].into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
                FieldError { pointer: pointer.clone(), code, params }
            })),
            ValidationErrorsKind::Struct(inner) => found.extend(field_errors(inner, &pointer)),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    found.extend(field_errors(inner, &format!("{pointer}/{index}")));
                }
            }
        }
    }
    found
}

/// For fields where `null` (clear it) differs from absence (leave it).
pub fn given<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}
