//! Keyset pages: a list says where the next page starts, never how many there are.

use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::{Code, Error};

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Give it as `after` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name())).description(Some("The rows, in the order asked for."));
        let next = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Give it as `after` for the next page; null on the last one."));
        let page = ObjectBuilder::new().property("items", items).required("items").property("next_cursor", next).required("next_cursor");
        page.description(Some("One page of a list.")).into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// What part of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// At most so many rows.
    pub limit: i64,
    /// Where to go on.
    pub after: Option<Cursor>,
}

/// The sort key of the last row that was seen, opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(serde_json::Value);

impl Cursor {
    /// A cursor at this key; a key names its sort order, so that a cursor of another list is refused.
    pub fn at(key: &impl Serialize) -> Self {
        Self(serde_json::to_value(key).unwrap_or_default())
    }

    /// The key, if it is one of this list.
    pub fn key<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&self.0).map_err(|_| Error::invalid_parameter("after", Code::CursorInvalid))
    }

    /// The form that clients hold.
    #[must_use]
    pub fn encode(&self) -> String {
        crate::hex(self.0.to_string().as_bytes())
    }

    /// Reads what a client sent back.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let invalid = || Error::invalid_parameter("after", Code::CursorInvalid);
        if text.is_empty() || text.len() > 1024 {
            return Err(invalid());
        }
        let bytes = crate::unhex(text).ok_or_else(invalid)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| invalid())
    }
}

impl PageRequest {
    /// Cuts `limit + 1` loaded rows to a page; `key` gives the sort key of a row.
    pub fn page<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = more.then(|| rows.last().map(|row| Cursor::at(&key(row)).encode())).flatten();
        Page { items: rows, next_cursor }
    }
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }

    /// The same page of something else, if that can be made of each item.
    pub fn try_map<U>(self, change: impl FnMut(T) -> Result<U, Error>) -> Result<Page<U>, Error> {
        Ok(Page { items: self.items.into_iter().map(change).collect::<Result<_, _>>()?, next_cursor: self.next_cursor })
    }
}
