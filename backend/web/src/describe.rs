//! Types that say what they mean for the OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::Permission;
use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, Schema, path::Operation},
};

/// The description of one operation while its handler's types fill it in.
#[derive(Default)]
pub struct Doc {
    /// The operation itself.
    pub operation: Operation,
    /// Schemas it refers to.
    pub schemas: BTreeMap<String, RefOr<Schema>>,
    /// Statuses of refusals.
    pub statuses: BTreeSet<u16>,
    /// What the guard demands: none if public, `Some(None)` if being logged in is enough.
    pub permission: Option<Option<Permission>>,
    /// Media types of a [`crate::Download`].
    pub media_types: &'static [&'static str],
    /// Names of the path's parameters, in order.
    pub path_parameters: Vec<String>,
}

impl Doc {
    /// Registers a schema and what it refers to.
    pub fn schema<T: ToSchema>(&mut self) {
        self.add(vec![(schema_name::<T>(), T::schema())]);
        self.schemas_inside::<T>();
    }

    /// Registers what a type refers to, and not the type itself.
    pub fn schemas_inside<T: ToSchema>(&mut self) {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        self.add(schemas);
    }

    fn add(&mut self, schemas: Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in schemas {
            let old = self.schemas.insert(name.clone(), schema.clone());
            debug_assert!(old.is_none_or(|old| old == schema), "two schemas are called {name}");
        }
    }

    /// A reference to a registered schema.
    #[must_use]
    pub fn reference<T: ToSchema>() -> RefOr<Schema> {
        RefOr::Ref(Ref::from_schema_name(schema_name::<T>()))
    }
}

/// `Page<T>` is one name in utoipa whatever `T` is; here it carries it.
fn schema_name<T: ToSchema>() -> String {
    let full = std::any::type_name::<T>();
    match full.split_once('<') {
        Some((outer, inner)) if outer.ends_with("::Page") => {
            let item = inner.trim_end_matches('>').rsplit("::").next().unwrap_or(inner);
            format!("{item}Page")
        }
        _ => T::name().into_owned(),
    }
}

/// What a handler's argument or result means for the document.
pub trait Describe {
    /// Fills in its part.
    fn describe(doc: &mut Doc);
}

/// The arguments of a handler, taken one after the other: whom the guard refuses is told so, whatever else is wrong with the
/// request, and not a byte of a stranger's body is read. (actix's own tuples poll all at once, and the quickest refusal wins.)
pub trait Arguments: Describe + Sized {
    /// Takes them from the request; the first refusal ends it.
    fn extract(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Self, actix_web::Error>>;
}

macro_rules! arguments {
    ($(($($name:ident),*))+) => {$(
        impl<$($name: Describe),*> Describe for ($($name,)*) {
            fn describe(_doc: &mut Doc) { $($name::describe(_doc);)* }
        }

        impl<$($name: Describe + FromRequest),*> Arguments for ($($name,)*) {
            async fn extract(_request: &HttpRequest, _payload: &mut Payload) -> Result<Self, actix_web::Error> {
                Ok(($($name::from_request(_request, _payload).await.map_err(Into::into)?,)*))
            }
        }
    )+};
}
arguments! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

/// Parts of the application that a handler asks for; clients do not see them.
impl<T: ?Sized> Describe for actix_web::web::Data<T> {
    fn describe(_: &mut Doc) {}
}
