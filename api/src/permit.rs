//! Each route declares its policy by the extractor it takes: `Permit<ImportRosters>`.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use campus::access::{Action, Actor};
use campus::error::Code;

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
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let token = bearer(request).map(str::to_owned);
        let state = request.app_data::<Data<State>>().cloned();
        Box::pin(async move {
            let (Some(token), Some(state)) = (token, state) else { return Err(Code::NotLoggedIn.into()) };
            let mut actor = state.sessions.actor(&state.campus, &token).await?;
            actor.require::<A>(state.campus.clock.now())?;
            if let Some(request) = observe::current() {
                actor.request_id = Some(request.id.to_string());
                actor.language = request.language;
            }
            Ok(Self { actor, action: PhantomData })
        })
    }
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
