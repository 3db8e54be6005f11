//! The OpenAPI document, made from the handlers.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, Response};
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

/// Every operation may refuse; how refusals look is said once.
pub(crate) fn with_problems(mut document: Document) -> Document {
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
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
    document
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head]
        .into_iter()
        .filter_map(Option::as_mut)
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
    with_problems(document)
}
