//! The OpenAPI 3.1 document, from the routes.

use kernel::Code;
use serde_json::json;
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, ResponseBuilder,
    path::{HttpMethod, ParameterBuilder, ParameterIn},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use crate::{Doc, Endpoint, Problem, routes::Routes};

/// The document of these routes.
#[must_use]
pub fn document(routes: Routes, version: &str) -> OpenApi {
    let endpoints = routes.endpoints();
    let mut paths = PathsBuilder::new();
    let mut problem = Doc::default();
    problem.schema::<Problem>();
    let mut schemas = problem.schemas;
    let mut components =
        ComponentsBuilder::new().security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    let mut tags = std::collections::BTreeSet::new();
    for endpoint in endpoints {
        tags.insert(endpoint.tag);
        let (method, path) = (http_method(&endpoint), endpoint.path.clone());
        for (name, schema) in &endpoint.doc.schemas {
            let old = schemas.insert(name.clone(), schema.clone());
            // Two types of one name would make the document say of one what is true of the other.
            debug_assert!(old.is_none_or(|old| old == *schema), "two schemas are called {name}");
        }
        paths = paths.path(path, PathItem::new(method, operation(endpoint)));
    }
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    for status in [400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503] {
        components = components.response(status.to_string(), refusal(status));
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Zhidu 制度")
                .version(version)
                .description(Some(
                    "A company's information-management regulations, running as software. Errors are problem documents \
                     (RFC 9457) with a stable `code`; lists are pages by cursor; a change carries `If-Match`; every POST \
                     accepts an `Idempotency-Key`.",
                ))
                .license(Some(utoipa::openapi::LicenseBuilder::new().name("Apache-2.0").build()))
                .build(),
        )
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags.into_iter().map(|tag| TagBuilder::new().name(tag).build())))
        .build()
}

fn http_method(endpoint: &Endpoint) -> HttpMethod {
    match endpoint.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(endpoint: Endpoint) -> utoipa::openapi::path::Operation {
    let post = endpoint.method == "POST";
    let mut operation = endpoint.doc.operation;
    operation.tags = Some(vec![endpoint.tag.to_owned()]);
    operation.summary = Some(endpoint.summary.to_owned());
    operation.operation_id = Some(operation_id(endpoint.method.as_str(), &endpoint.path));
    if let Some(Some(permission)) = endpoint.doc.permission {
        operation.description = Some(format!("Permission: `{permission}`."));
        operation.extensions =
            Some(utoipa::openapi::extensions::ExtensionsBuilder::new().add("x-permission", json!(permission.as_str())).build());
    }
    if post {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(utoipa::openapi::Required::False)
            .description(Some("A key of your own; a repetition within 24 hours gets the first answer."))
            .schema(Some(
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .min_length(Some(1))
                    .max_length(Some(64))
                    .pattern(Some("^[!-~]+$")),
            ));
        operation.parameters.get_or_insert_with(Vec::new).push(key.build().into());
    }
    if endpoint.method != "GET" {
        for (_, response) in operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            if let utoipa::openapi::RefOr::T(response) = response {
                response.headers.insert("Audit-Record".to_owned(), receipts().into());
            }
        }
    }
    for status in endpoint.doc.statuses {
        operation
            .responses
            .responses
            .entry(status.to_string())
            .or_insert_with(|| utoipa::openapi::RefOr::Ref(Ref::from_response_name(status.to_string())));
    }
    operation
}

/// The header that names the records of a change.
fn receipts() -> utoipa::openapi::Header {
    let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
    let mut header = utoipa::openapi::Header::new(text.build());
    header.description = Some(
        "The records of this change, in order, separated by commas: `<record id>;leaf=<leaf hash in Base 64>`. Keep it: the log must \
         show each with this hash."
            .to_owned(),
    );
    header
}

/// `POST /api/v1/tickets/{id}/dispatch` is `post_tickets_id_dispatch`.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches(crate::PREFIX).replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{}{path}", method.to_ascii_lowercase())
}

/// The shared response of a status, with every code that it may carry.
fn refusal(status: u16) -> utoipa::openapi::Response {
    let codes: Vec<String> = Code::ALL
        .iter()
        .filter(|code| code.status() == status)
        .map(|code| format!("- `{code}`: {}", code.text(false, &kernel::Params::new())))
        .collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(codes.join("\n")).content("application/problem+json", content).build()
}
