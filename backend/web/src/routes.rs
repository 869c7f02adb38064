//! The table of contents of an API: method, path, handler, one sentence.

use std::collections::BTreeMap;

use actix_web::{
    Handler, HttpRequest, HttpResponse, Resource, Responder, ResponseError as _,
    http::{Method, header},
    web,
};
use kernel::{Code, Error};

use crate::{ApiError, Arguments, Describe, Doc, PREFIX, body, call};

/// One operation, described.
pub struct Endpoint {
    /// The method, in capitals.
    pub method: Method,
    /// The path from the root, with `{id}`.
    pub path: String,
    /// The slice.
    pub tag: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Everything else, from the handler's types.
    pub doc: Doc,
}

struct Entry {
    endpoint: Endpoint,
    route: actix_web::Route,
}

/// The operations of a slice.
pub struct Routes {
    tag: &'static str,
    media_types: &'static [&'static str],
    entries: Vec<Entry>,
}

impl Routes {
    /// An empty table; the tag is the slice's name.
    #[must_use]
    pub const fn new(tag: &'static str) -> Self {
        Self { tag, media_types: &[], entries: Vec::new() }
    }

    /// Adds the operations of another table.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// Media types of the downloads that follow.
    #[must_use]
    pub const fn downloads(mut self, media_types: &'static [&'static str]) -> Self {
        self.media_types = media_types;
        self
    }

    /// Reads.
    #[must_use]
    pub fn get<F, A>(self, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        self.add(Method::GET, path, handler, summary)
    }

    /// Makes, or does.
    #[must_use]
    pub fn post<F, A>(self, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        self.add(Method::POST, path, handler, summary)
    }

    /// Replaces.
    #[must_use]
    pub fn put<F, A>(self, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        self.add(Method::PUT, path, handler, summary)
    }

    /// Changes fields.
    #[must_use]
    pub fn patch<F, A>(self, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        self.add(Method::PATCH, path, handler, summary)
    }

    /// Takes away: a grant, a link, a token; never a record.
    #[must_use]
    pub fn delete<F, A>(self, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        self.add(Method::DELETE, path, handler, summary)
    }

    /// The operation before may also be refused for a rule: 409. Changes always may.
    #[must_use]
    pub fn conflicts(mut self) -> Self {
        if let Some(entry) = self.entries.last_mut() {
            entry.endpoint.doc.statuses.insert(409);
        }
        self
    }

    fn add<F, A>(mut self, method: Method, path: &str, handler: F, summary: &'static str) -> Self
    where
        F: Handler<A>,
        A: Arguments + 'static,
        F::Output: Responder + Describe + 'static,
    {
        let path = format!("{PREFIX}{path}");
        let mut doc = Doc { media_types: self.media_types, path_parameters: parameters(&path), ..Doc::default() };
        A::describe(&mut doc);
        F::Output::describe(&mut doc);
        if method != Method::GET {
            doc.statuses.insert(409);
        }
        if method == Method::POST {
            // Idempotency-Key: another body under the same key.
            doc.statuses.insert(422);
        }
        let route = web::method(method.clone()).to(move |request: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            async move {
                let mut payload = payload.into_inner();
                let arguments = match A::extract(&request, &mut payload).await {
                    // Not every POST needs the key, but a malformed one is the client's mistake on each.
                    Ok(arguments) if request.method() == Method::POST => {
                        call::idempotency_key(&request).map(|_| arguments).map_err(|error| ApiError(error).into())
                    }
                    other => other,
                };
                match arguments {
                    Ok(arguments) => Ok(handler.call(arguments).await),
                    Err(refusal) => {
                        body::drain(payload).await;
                        Err(refusal)
                    }
                }
            }
        });
        self.entries.push(Entry { endpoint: Endpoint { method, path, tag: self.tag, summary, doc }, route });
        self
    }

    /// What the document is made of.
    #[must_use]
    pub fn endpoints(self) -> Vec<Endpoint> {
        self.entries.into_iter().map(|entry| entry.endpoint).collect()
    }

    /// Mounts everything: one resource for each path, literal segments before parameters, 405 with Allow for the rest.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let mut resources: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in self.entries {
            // '~' sorts after every letter: /tickets/export is tried before /tickets/{id}.
            resources.entry(entry.endpoint.path.replace('{', "~{")).or_default().push(entry);
        }
        for (_, entries) in resources {
            let Some(path) = entries.first().map(|entry| entry.endpoint.path.clone()) else { continue };
            let allow = entries.iter().map(|entry| entry.endpoint.method.as_str()).collect::<Vec<_>>().join(", ");
            // A parameter of this name is the rest of the path, with its slashes.
            let pattern = path.replace("{path}", "{path:.+}");
            let resource = entries.into_iter().fold(web::resource(pattern), |resource: Resource, entry| resource.route(entry.route));
            config.service(resource.default_service(web::to(move || {
                let allow = allow.clone();
                async move { not_allowed(&allow) }
            })));
        }
    }
}

fn not_allowed(allow: &str) -> HttpResponse {
    let mut response = ApiError(Error::new(Code::MethodNotAllowed)).error_response();
    if let Ok(value) = header::HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

fn parameters(path: &str) -> Vec<String> {
    path.split('/').filter_map(|segment| Some(segment.strip_prefix('{')?.strip_suffix('}')?.to_owned())).collect()
}
