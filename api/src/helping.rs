//! Helpers: whom one allows to help, and whom one helps.

mod bodies;

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post, put};
use campus::access::{ArrangeHelpers, HelpResidents, ManageOwnHelpers};
use campus::credits;
use campus::helping::{self, Arrangement};
use campus::learning;
use campus::residents::{self, ResidentChange};
use utoipa_actix_web::service_config::ServiceConfig;

use self::bodies::{
    AcceptanceInput, ArrangementInput, HelpAct, HelpActList, Helped, HelpedList, Helper, HelperInvitation,
    HelperInvitationInput, HelperList, WaitingInvitation,
};
use crate::credit_account::CreditAccount;
use crate::credits::{PageQuery, TransferList};
use crate::detach::detached;
use crate::input::{CourseId, Id, Input, Query};
use crate::learning::{Enrollment, EnrollmentList};
use crate::limits::{self, CODE_ACCOUNT};
use crate::permit::{Permit, language};
use crate::problem::Answer;
use crate::residents::ResidentChangeInput;
use crate::state::State;

/// Who helps one, and whether a code waits.
#[utoipa::path(tag = "helpers", responses((status = 200, body = HelperList)))]
#[get("/me/helpers")]
pub async fn helpers(state: Data<State>, permit: Permit<ManageOwnHelpers>) -> Answer {
    let found = helping::helpers(&state.campus, &permit).await?;
    let invitation = helping::open_invitation(&state.campus, &permit).await?;
    Ok(HttpResponse::Ok().json(HelperList {
        items: found.into_iter().map(|helper| Helper::new(&state, helper)).collect(),
        next_cursor: None,
        invitation: invitation.map(|waiting| WaitingInvitation {
            months: waiting.months,
            expires_at: state.campus.clock.local(waiting.expires_at),
        }),
    }))
}

/// Open a code for a helper: it serves once, for 24 hours; an earlier one is void.
#[utoipa::path(tag = "helpers", request_body = HelperInvitationInput,
    responses((status = 201, body = HelperInvitation)))]
#[post("/me/helper-invitation")]
pub async fn invite(
    state: Data<State>,
    permit: Permit<ManageOwnHelpers>,
    input: Input<HelperInvitationInput>,
) -> Answer {
    let Input(input) = input;
    let campus = state.campus.clone();
    let invited = detached(async move { helping::invite(&campus, &permit, input.months).await }).await?;
    Ok(HttpResponse::Created().json(HelperInvitation {
        code: invited.code,
        months: invited.months,
        expires_at: state.campus.clock.local(invited.expires_at),
    }))
}

/// Make the code that waits void.
#[utoipa::path(tag = "helpers", responses((status = 204)))]
#[delete("/me/helper-invitation")]
pub async fn withdraw_invitation(state: Data<State>, permit: Permit<ManageOwnHelpers>) -> Answer {
    let campus = state.campus.clone();
    detached(async move { helping::withdraw_invitation(&campus, &permit).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// No longer be helped by this helper.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/me/helpers/{id}")]
pub async fn end_helper(state: Data<State>, permit: Permit<ManageOwnHelpers>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move { helping::end_as_resident(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What helpers did, and how they came and went; newest first.
#[utoipa::path(tag = "helpers", params(PageQuery), responses((status = 200, body = HelpActList)))]
#[get("/me/helper-acts")]
pub async fn acts(state: Data<State>, permit: Permit<ManageOwnHelpers>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let page = helping::acts(&state.campus, &permit, &query.into()).await?;
    let items = page.items.into_iter().map(|entry| HelpAct {
        id: entry.id,
        at: state.campus.clock.local(entry.at),
        course_title: entry.detail.get("title").and_then(|title| title.as_str()).map(str::to_owned),
        action: entry.action,
        by: entry.account_name,
    });
    Ok(HttpResponse::Ok().json(HelpActList { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Whom one helps.
#[utoipa::path(tag = "helpers", responses((status = 200, body = HelpedList)))]
#[get("/me/helped")]
pub async fn helped(state: Data<State>, permit: Permit<HelpResidents>) -> Answer {
    let found = helping::helped(&state.campus, &permit).await?;
    let items = found.into_iter().map(|one| Helped::new(&state, one)).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(HelpedList { items, next_cursor: None }))
}

/// Begin to help somebody, with the code they opened.
#[utoipa::path(tag = "helpers", request_body = AcceptanceInput, responses((status = 201, body = Helped)))]
#[post("/me/helped")]
pub async fn accept(state: Data<State>, permit: Permit<HelpResidents>, input: Input<AcceptanceInput>) -> Answer {
    let Input(input) = input;
    limits::admit(&state, "help_code", &permit.account_id.to_string(), CODE_ACCOUNT).await?;
    let campus = state.campus.clone();
    let found = detached(async move { helping::accept(&campus, &permit, &input.name, &input.code).await }).await?;
    Ok(HttpResponse::Created().json(Helped::new(&state, found)?))
}

/// One of those whom one helps.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), responses((status = 200, body = Helped)))]
#[get("/me/helped/{id}")]
pub async fn helped_one(state: Data<State>, permit: Permit<HelpResidents>, id: Id) -> Answer {
    helping::allowed(&state.campus, &permit, id.0).await?;
    let found = helping::helped_one(&state.campus, &permit, id.0).await?;
    Ok(HttpResponse::Ok().json(Helped::new(&state, found)?))
}

/// Fill in telephone or groups for somebody whom one helps.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), request_body = ResidentChangeInput,
    responses((status = 200, body = Helped)))]
#[patch("/me/helped/{id}")]
pub async fn fill_in(
    state: Data<State>,
    permit: Permit<HelpResidents>,
    id: Id,
    input: Input<ResidentChangeInput>,
) -> Answer {
    let change = ResidentChange::from(input.0);
    let campus = state.campus.clone();
    let found = detached(async move {
        let proof = helping::allowed(&campus, &permit, id.0).await?;
        residents::change(&campus, &permit, &proof, &change).await?;
        helping::helped_one(&campus, &permit, id.0).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Helped::new(&state, found)?))
}

/// No longer help this resident.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/me/helped/{id}")]
pub async fn end_helping(state: Data<State>, permit: Permit<HelpResidents>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move { helping::end_as_helper(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Courses of somebody whom one helps, the newest first.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,), PageQuery),
    responses((status = 200, body = EnrollmentList)))]
#[get("/me/helped/{id}/enrollments")]
pub async fn enrollments(state: Data<State>, permit: Permit<HelpResidents>, id: Id, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let proof = helping::allowed(&state.campus, &permit, id.0).await?;
    let page = learning::enrollments_helped(&state.campus, &proof, &query.into()).await?;
    Ok(HttpResponse::Ok().json(EnrollmentList::new(&state, page)))
}

/// Enrol somebody whom one helps. It is marked as helped.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,), ("course_id" = Uuid, Path,)),
    responses((status = 200, body = Enrollment), (status = 201, body = Enrollment)))]
#[put("/me/helped/{id}/courses/{course_id}/enrollment")]
pub async fn enroll(state: Data<State>, permit: Permit<HelpResidents>, id: Id, course: CourseId) -> Answer {
    let campus = state.campus.clone();
    let (enrollment, new) = detached(async move {
        let proof = helping::allowed(&campus, &permit, id.0).await?;
        learning::enroll_helped(&campus, &permit, &proof, course.0).await
    })
    .await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(Enrollment::new(&state, enrollment)))
}

/// The credit account of somebody whom one helps.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), responses((status = 200, body = CreditAccount)))]
#[get("/me/helped/{id}/credit-account")]
pub async fn credit_account(state: Data<State>, permit: Permit<HelpResidents>, id: Id) -> Answer {
    let proof = helping::allowed(&state.campus, &permit, id.0).await?;
    let statement = credits::statement(&state.campus, proof.object().id).await?;
    Ok(HttpResponse::Ok().json(CreditAccount::new(&statement)))
}

/// Transfers of somebody whom one helps, newest first.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,), PageQuery),
    responses((status = 200, body = TransferList)))]
#[get("/me/helped/{id}/credit-account/transfers")]
pub async fn transfers(state: Data<State>, permit: Permit<HelpResidents>, id: Id, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let proof = helping::allowed(&state.campus, &permit, id.0).await?;
    let resident = proof.object().id;
    let page = credits::transfers_of_resident(&state.campus, resident, language(), &query.into()).await?;
    Ok(HttpResponse::Ok().json(TransferList::new(&state, page)))
}

/// Set a helper up at the desk, with the resident present.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), request_body = ArrangementInput,
    responses((status = 201, body = Helper)))]
#[post("/residents/{id}/helpers")]
pub async fn arrange(
    state: Data<State>,
    permit: Permit<ArrangeHelpers>,
    id: Id,
    input: Input<ArrangementInput>,
) -> Answer {
    let Input(input) = input;
    let arrangement = Arrangement {
        learner_number: input.helper_learner_number,
        name: input.helper_name,
        months: input.months,
        consent: input.consent,
    };
    let campus = state.campus.clone();
    let helper = detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        helping::arrange(&campus, &permit, &proof, &arrangement).await
    })
    .await?;
    Ok(HttpResponse::Created().json(Helper::new(&state, helper)))
}

/// End all helpers of a resident, as they asked at the desk.
#[utoipa::path(tag = "helpers", params(("id" = Uuid, Path,)), responses((status = 204)))]
#[delete("/residents/{id}/helpers")]
pub async fn end_all(state: Data<State>, permit: Permit<ArrangeHelpers>, id: Id) -> Answer {
    let campus = state.campus.clone();
    detached(async move {
        let proof = residents::manageable(&mut *campus.database.connection().await?, &permit, id.0).await?;
        helping::end_all_at_the_desk(&campus, &permit, &proof).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(helpers)
        .service(invite)
        .service(withdraw_invitation)
        .service(end_helper)
        .service(acts)
        .service(helped)
        .service(accept)
        .service(enrollments)
        .service(enroll)
        .service(transfers)
        .service(credit_account)
        .service(helped_one)
        .service(fill_in)
        .service(end_helping)
        .service(arrange)
        .service(end_all);
}
