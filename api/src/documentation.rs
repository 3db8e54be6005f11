//! The OpenAPI document, made from the handlers.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, Response, Schema};
use utoipa::{Modify, OpenApi};

use crate::problem::{FieldBody, ProblemBody};

/// What the document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(title = "Changqing", description = "常青学堂：社区教育学分银行与网上课堂 / a community's credit bank and online school"),
    components(schemas(ProblemBody, FieldBody)),
    security(("bearer" = [])),
    modifiers(&Bearer)
)]
pub(crate) struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        }
    }
}

const PROBLEMS: [(&str, &str); 11] = [
    ("400", "The request cannot be read, or a required header is missing"),
    ("401", "Not logged in, or the credentials are wrong"),
    ("403", "Logged in, but not this account's kind of work"),
    ("404", "Absent, or not yours to see"),
    ("409", "At odds with what is there"),
    ("413", "Too large"),
    ("415", "Not a content type that is taken"),
    ("422", "A field is wrong"),
    ("429", "Too often; Retry-After says when to come back"),
    ("500", "A defect of ours"),
    ("503", "Something this depends on is away; Retry-After says when to come back"),
];

/// Completes what the handlers say of themselves: how refusals look, a name for each
/// operation that no other has, and that answers always carry all their members.
pub(crate) fn completed(mut document: Document) -> Document {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            for (status, description) in PROBLEMS {
                operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
                    let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
                    let mut response = Response::new(description);
                    response.content.insert("application/problem+json".to_owned(), RefOr::T(content));
                    RefOr::T(response)
                });
            }
        }
    }
    if let Some(components) = &mut document.components {
        for (name, schema) in &mut components.schemas {
            // Inputs may leave out what is optional; `errors` of a problem is there for fields only.
            if name.ends_with("Input") || name == "Problem" {
                continue;
            }
            if let RefOr::T(Schema::Object(object)) = schema {
                object.required = object.properties.keys().cloned().collect();
            }
        }
    }
    document
}

/// `GET /api/v1/courses/{id}/cover` → `get_courses_id_cover`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split('/').filter(|word| !word.is_empty());
    let words = words.map(|word| word.trim_matches(['{', '}']).replace('-', "_"));
    std::iter::once(method.to_owned()).chain(words).collect::<Vec<_>>().join("_")
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
        ("head", &mut item.head),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
    .collect()
}

/// The whole document.
#[must_use]
pub fn document() -> Document {
    use utoipa_actix_web::AppExt;
    let (_, document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .service(utoipa_actix_web::scope("/api/v1").configure(crate::server::rooms))
        .split_for_parts();
    completed(document)
}
