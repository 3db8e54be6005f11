//! The outermost layer: gives out a kept answer before routing, logging and the rest, which
//! cost several times as much as the answer itself. Everything else passes through.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use futures_util::future::{Either, MapOk, TryFutureExt};
use metrics::Counter;

use super::cache::{self, Catalogue};

const PREFIX: &str = "/api/v1/courses";

/// Puts the catalogue in front of everything else.
#[derive(Clone)]
pub struct CatalogueLayer {
    catalogue: Arc<Catalogue>,
    given: Counter,
    behind_proxy: bool,
}

impl CatalogueLayer {
    /// Gives out what `catalogue` keeps. `behind_proxy`: whether `X-Forwarded-Proto` is
    /// to be believed.
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>, behind_proxy: bool) -> Self {
        Self { catalogue, given: metrics::counter!("catalogue_answers_from_memory"), behind_proxy }
    }

    fn find(&self, request: &ServiceRequest) -> Option<actix_web::HttpResponse<Bytes>> {
        if request.method() != Method::GET || !request.path().starts_with(PREFIX) {
            return None;
        }
        let kept = self.catalogue.find(cache::address(request.uri()))?;
        self.given.increment(1);
        let mut response = kept.response(request.headers());
        if self.behind_proxy && request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme == "https") {
            let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        Some(response)
    }
}

impl<S, B> Transform<S, ServiceRequest> for CatalogueLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<B, Bytes>>;
    type Error = Error;
    type Transform = InFront<S>;
    type InitError = ();
    type Future = Ready<Result<InFront<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(InFront { layer: self.clone(), service }))
    }
}

/// The layer around a service.
pub struct InFront<S> {
    layer: CatalogueLayer,
    service: S,
}

type Passed<F, B> = MapOk<F, fn(ServiceResponse<B>) -> ServiceResponse<EitherBody<B, Bytes>>>;

impl<S, B> Service<ServiceRequest> for InFront<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<EitherBody<B, Bytes>>;
    type Error = Error;
    type Future = Either<Ready<Result<Self::Response, Error>>, Passed<S::Future, B>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.layer.find(&request) {
            Some(response) => Either::Left(ready(Ok(request.into_response(response).map_into_right_body()))),
            None => Either::Right(self.service.call(request).map_ok(ServiceResponse::map_into_left_body)),
        }
    }
}
