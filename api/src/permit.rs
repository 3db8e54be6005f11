//! Each route declares its policy by the extractor it takes: `Permit<ImportRosters>`.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use campus::access::{Action, Actor};
use campus::error::Code;
use futures_util::future::Either;

use crate::observe;
use crate::problem::Problem;
use crate::state::State;

/// Somebody who may do this kind of work.
#[derive(Debug)]
pub struct Permit<A> {
    actor: Actor,
    action: PhantomData<A>,
}

impl<A> Permit<A> {
    /// Who it is.
    pub fn into_actor(self) -> Actor {
        self.actor
    }
}

impl<A> Deref for Permit<A> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<A: Action + 'static> FromRequest for Permit<A> {
    type Error = Problem;
    type Future = Either<Ready<Result<Self, Problem>>, Pin<Box<dyn Future<Output = Result<Self, Problem>>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let (Some(token), Some(state)) = (bearer(request), request.app_data::<Data<State>>()) else {
            return Either::Left(ready(Err(Code::NotLoggedIn.into())));
        };
        // Who has been here before is nearly everybody, and known without asking.
        if let Some(actor) = state.sessions.remembered(&state.campus, token) {
            return Either::Left(ready(permit(state, actor)));
        }
        let (token, state) = (token.to_owned(), state.clone());
        Either::Right(Box::pin(async move { permit(&state, state.sessions.actor(&state.campus, &token).await?) }))
    }
}

fn permit<A: Action>(state: &State, mut actor: Actor) -> Result<Permit<A>, Problem> {
    actor.require::<A>(state.campus.clock.now())?;
    if let Some(request) = observe::current() {
        actor.request_id = Some(request.id);
        actor.language = request.language;
    }
    Ok(Permit { actor, action: PhantomData })
}

/// The access token that a request brings.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The language of this request.
#[must_use]
pub fn language() -> campus::language::Language {
    observe::current().map_or_else(Default::default, |request| request.language)
}
