//! The outermost layer: gives out a kept answer before routing, logging and the rest, which
//! cost several times as much as the answer itself. Everything else passes through.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use campus::access::ReadReports;
use futures_util::future::{Either, MapOk, TryFutureExt};
use metrics::Counter;

use super::answers;
use crate::observe;
use crate::permit::bearer;
use crate::state::State;

const CATALOGUE: &str = "/api/v1/courses";
const MONTHS: &str = "/api/v1/reports/months/";
const RANKING: &str = "/ranking";

/// Puts what is kept in front of everything else.
#[derive(Clone)]
pub struct KeptLayer {
    state: State,
    courses_given: Counter,
    rankings_given: Counter,
}

impl KeptLayer {
    /// Gives out what `state` keeps.
    #[must_use]
    pub fn new(state: &State) -> Self {
        Self {
            state: state.clone(),
            courses_given: metrics::counter!("catalogue_answers_from_memory"),
            rankings_given: metrics::counter!("ranking_answers_from_memory"),
        }
    }

    fn of_the_catalogue(&self, request: &ServiceRequest) -> Option<actix_web::HttpResponse<Bytes>> {
        if request.method() != Method::GET || !request.path().starts_with(CATALOGUE) {
            return None;
        }
        let kept = self.state.catalogue.find(answers::address(request.uri()))?;
        self.courses_given.increment(1);
        Some(self.finished(request, &kept))
    }

    /// Whether a ranking of a closed month may be kept for this; who asks is not known yet.
    fn is_a_ranking(&self, request: &ServiceRequest) -> bool {
        let path = request.path();
        request.method() == Method::GET
            && path.starts_with(MONTHS)
            && path.ends_with(RANKING)
            && self.state.rankings.find(&address_of_ranking(request)).is_some()
    }

    /// The kept ranking, for those who may read it.
    async fn of_a_month(&self, request: &ServiceRequest) -> Option<actix_web::HttpResponse<Bytes>> {
        let token = bearer(request.request())?;
        let actor = self.state.sessions.actor(&self.state.campus, token).await.ok()?;
        actor.require::<ReadReports>(self.state.campus.clock.now()).ok()?;
        let kept = self.state.rankings.find(&address_of_ranking(request))?;
        self.rankings_given.increment(1);
        Some(self.finished(request, &kept))
    }

    fn finished(&self, request: &ServiceRequest, kept: &answers::Kept) -> actix_web::HttpResponse<Bytes> {
        let mut response = kept.response(request.headers());
        let proxy = self.state.settings.behind_proxy;
        if proxy && request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme == "https") {
            let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        response
    }
}

/// What a ranking is kept under: its address and the language of its words.
fn address_of_ranking(request: &ServiceRequest) -> String {
    ranking_key(request.uri(), observe::language_of(request.headers()))
}

/// The same, for those who keep one.
pub(crate) fn ranking_key(uri: &actix_web::http::Uri, language: campus::language::Language) -> String {
    format!("{} {}", language.pick("zh", "en"), answers::address(uri))
}

impl<S, B> Transform<S, ServiceRequest> for KeptLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, Bytes>>;
    type Error = Error;
    type Transform = InFront<S>;
    type InitError = ();
    type Future = Ready<Result<InFront<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(InFront { layer: self.clone(), service: Rc::new(service) }))
    }
}

/// The layer around a service.
pub struct InFront<S> {
    layer: KeptLayer,
    service: Rc<S>,
}

type Answered<B> = Result<ServiceResponse<EitherBody<B, Bytes>>, Error>;
type Passed<F, B> = MapOk<F, fn(ServiceResponse<B>) -> ServiceResponse<EitherBody<B, Bytes>>>;
type Asking<B> = Pin<Box<dyn Future<Output = Answered<B>>>>;

impl<S, B> Service<ServiceRequest> for InFront<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, Bytes>>;
    type Error = Error;
    type Future = Either<Either<Ready<Answered<B>>, Asking<B>>, Passed<S::Future, B>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if let Some(response) = self.layer.of_the_catalogue(&request) {
            return Either::Left(Either::Left(ready(Ok(request.into_response(response).map_into_right_body()))));
        }
        if self.layer.is_a_ranking(&request) {
            let (layer, service) = (self.layer.clone(), Rc::clone(&self.service));
            return Either::Left(Either::Right(Box::pin(async move {
                match layer.of_a_month(&request).await {
                    Some(response) => Ok(request.into_response(response).map_into_right_body()),
                    // Whoever may not read it is told so as everywhere.
                    None => service.call(request).await.map(ServiceResponse::map_into_left_body),
                }
            })));
        }
        Either::Right(self.service.call(request).map_ok(ServiceResponse::map_into_left_body))
    }
}
