//! Rewards: what points buy, choosing it, and handing it over.

mod pictures;
mod taking_back;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use campus::access::{HandOverRewards, ManageRewards, RedeemPoints};
use campus::idempotency::Request;
use campus::paging::PageRequest;
use campus::rewards::{self, HOLD_DAYS, NewReward, Redemption, RedemptionFilter, RedemptionItem, Reward, RewardChange};
use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::credits::PageQuery;
use crate::detach::detached;
use crate::input::{Id, IdempotencyKey, Input, Query};
use crate::permit::Permit;
use crate::problem::Answer;
use crate::state::State;

/// What points buy.
#[derive(Debug, Serialize, ToSchema)]
pub struct RewardBody {
    id: Uuid,
    title: String,
    description: String,
    /// In points.
    price: i64,
    /// How many can still be chosen.
    stock: i32,
    /// How many one person may have; `null`: as many as there are.
    per_person: Option<i32>,
    /// For how many days it is kept for whoever has chosen it.
    hold_days: i32,
    /// `offered` or `withdrawn`.
    status: String,
    /// Where its picture is; `null`: it has none. Another picture has another address.
    picture_url: Option<String>,
}

impl From<Reward> for RewardBody {
    fn from(reward: Reward) -> Self {
        let Reward { id, title, description, price, stock, per_person, hold_days, status, picture_key } = reward;
        let picture = picture_key.as_deref().and_then(|key| key.rsplit('/').next());
        let picture_url = picture.map(|name| format!("/api/v1/rewards/{id}/picture?name={name}"));
        Self { id, title, description, price, stock, per_person, hold_days, status, picture_url }
    }
}

/// Rewards, the cheapest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RewardList {
    items: Vec<RewardBody>,
}

impl From<Vec<Reward>> for RewardList {
    fn from(rewards: Vec<Reward>) -> Self {
        Self { items: rewards.into_iter().map(RewardBody::from).collect() }
    }
}

/// A reward to be offered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RewardInput {
    title: String,
    #[serde(default)]
    description: String,
    price: i64,
    stock: i32,
    per_person: Option<i32>,
    /// 14 where nothing is said.
    hold_days: Option<i32>,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RewardChangeInput {
    title: Option<String>,
    description: Option<String>,
    price: Option<i64>,
    /// How many more there are (or, below zero, fewer).
    added_stock: Option<i32>,
    /// `null`: as many as there are.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<i32>)]
    per_person: Option<Option<i32>>,
    hold_days: Option<i32>,
    /// `offered` or `withdrawn`.
    status: Option<String>,
}

/// Tells what is `null` from what is not named.
fn named<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Option<i32>>, D::Error> {
    Option::deserialize(input).map(Some)
}

/// A reward that one has chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedemptionBody {
    id: Uuid,
    reward_id: Uuid,
    title: String,
    /// In points.
    price: i64,
    /// To be told where it is handed over; `null` once it has ended.
    code: Option<String>,
    /// `held`, `handed_over`, `cancelled`, `expired` or `taken_back`.
    status: String,
    branch_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    redeemed_at: OffsetDateTime,
    /// The last day on which it can be picked up.
    #[schema(value_type = String, format = Date)]
    held_until: String,
    #[serde(with = "time::serde::rfc3339::option")]
    settled_at: Option<OffsetDateTime>,
}

impl RedemptionBody {
    fn new(state: &State, redemption: Redemption) -> Self {
        let clock = &state.campus.clock;
        Self {
            id: redemption.id,
            reward_id: redemption.reward_id,
            title: redemption.title,
            price: redemption.price,
            code: Some(redemption.code).filter(|_| redemption.settled_at.is_none()),
            status: redemption.status,
            branch_id: redemption.branch_id,
            redeemed_at: clock.local(redemption.redeemed_at),
            held_until: redemption.held_until.to_string(),
            settled_at: redemption.settled_at.map(|at| clock.local(at)),
        }
    }

    /// For staff: the code is its holder's to tell.
    fn for_staff(state: &State, redemption: Redemption) -> Self {
        Self { code: None, ..Self::new(state, redemption) }
    }
}

/// What one has chosen, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedemptionList {
    items: Vec<RedemptionBody>,
    next_cursor: Option<String>,
}

/// Who has chosen something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChooserBody {
    id: Uuid,
    learner_number: String,
    name: String,
}

/// What somebody has chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedRedemption {
    #[serde(flatten)]
    redemption: RedemptionBody,
    /// `null`: they have left.
    holder: Option<ChooserBody>,
}

impl ListedRedemption {
    fn new(state: &State, item: RedemptionItem) -> Self {
        let holder = item.holder.map(|holder| ChooserBody {
            id: holder.id,
            learner_number: holder.learner_number,
            name: holder.name,
        });
        Self { redemption: RedemptionBody::for_staff(state, item.redemption), holder }
    }
}

/// What residents of one's branches have chosen, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedRedemptions {
    items: Vec<ListedRedemption>,
    next_cursor: Option<String>,
}

/// Which redemptions, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
pub struct RedemptionQuery {
    /// `held`, `handed_over`, `cancelled`, `expired` or `taken_back`.
    status: Option<String>,
    /// The six digits that its holder tells.
    code: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Whose redemptions: what was scanned from a card stands in no address.
#[derive(Deserialize, ToSchema)]
pub struct CardQueryInput {
    /// What the QR holds behind the `#`, or the code in letters.
    #[schema(max_length = 64)]
    card: String,
}

/// How it is known who it is handed to: by one of the two.
#[derive(Deserialize, ToSchema)]
pub struct HandOverInput {
    /// What the QR of their learner card holds behind the `#`, or its code in letters.
    #[schema(max_length = 64)]
    card: Option<String>,
    /// The six digits that they were shown.
    #[schema(max_length = 64)]
    code: Option<String>,
}

/// What there is to be had for points.
#[utoipa::path(tag = "rewards", security(()), responses((status = 200, body = RewardList)))]
#[get("/rewards")]
pub async fn offered(state: Data<State>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    Ok(HttpResponse::Ok().json(RewardList::from(rewards::list(connection, true).await?)))
}

/// All rewards, those that are withdrawn among them.
#[utoipa::path(tag = "rewards", responses((status = 200, body = RewardList)))]
#[get("/managed-rewards")]
pub async fn managed(state: Data<State>, _permit: Permit<ManageRewards>) -> Answer {
    let connection = &mut *state.campus.database.connection().await?;
    Ok(HttpResponse::Ok().json(RewardList::from(rewards::list(connection, false).await?)))
}

/// Offer a reward.
#[utoipa::path(tag = "rewards", request_body = RewardInput, responses((status = 201, body = RewardBody)))]
#[post("/rewards")]
pub async fn add(state: Data<State>, permit: Permit<ManageRewards>, input: Input<RewardInput>) -> Answer {
    let Input(input) = input;
    let new = NewReward {
        title: input.title,
        description: input.description,
        price: input.price,
        stock: input.stock,
        per_person: input.per_person,
        hold_days: input.hold_days.unwrap_or(HOLD_DAYS),
    };
    let campus = state.campus.clone();
    let reward = detached(async move { rewards::add(&campus, &permit, &new).await }).await?;
    Ok(HttpResponse::Created().json(RewardBody::from(reward)))
}

/// Change a reward, add to its stock, or withdraw it.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)), request_body = RewardChangeInput,
    responses((status = 200, body = RewardBody)))]
#[patch("/rewards/{id}")]
pub async fn change(
    state: Data<State>,
    permit: Permit<ManageRewards>,
    id: Id,
    input: Input<RewardChangeInput>,
) -> Answer {
    let Input(input) = input;
    let change = RewardChange {
        title: input.title,
        description: input.description,
        price: input.price,
        added_stock: input.added_stock,
        per_person: input.per_person,
        hold_days: input.hold_days,
        status: input.status,
    };
    let campus = state.campus.clone();
    let reward = detached(async move { rewards::change(&campus, &permit, id.0, &change).await }).await?;
    Ok(HttpResponse::Ok().json(RewardBody::from(reward)))
}

/// Choose a reward: its points and one of the stock are held.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,), ("Idempotency-Key" = Uuid, Header,)),
    responses((status = 201, body = RedemptionBody)))]
#[post("/rewards/{id}/redemptions")]
pub async fn redeem(state: Data<State>, permit: Permit<RedeemPoints>, id: Id, key: IdempotencyKey) -> Answer {
    let request = Request::new(permit.account_id, "redemption", key.required()?, &id.0)?;
    let campus = state.campus.clone();
    let redemption = detached(async move { rewards::redeem(&campus, &permit, &request, id.0).await }).await?;
    Ok(HttpResponse::Created().json(RedemptionBody::new(&state, redemption)))
}

/// What one has chosen, the newest first.
#[utoipa::path(tag = "rewards", params(PageQuery), responses((status = 200, body = RedemptionList)))]
#[get("/me/redemptions")]
pub async fn own(state: Data<State>, permit: Permit<RedeemPoints>, query: Query<PageQuery>) -> Answer {
    let Query(query) = query;
    let connection = &mut *state.campus.database.connection().await?;
    let page = rewards::own(connection, &permit, &query.into()).await?;
    let items = page.items.into_iter().map(|redemption| RedemptionBody::new(&state, redemption)).collect();
    Ok(HttpResponse::Ok().json(RedemptionList { items, next_cursor: page.next_cursor }))
}

/// Cancel what one has chosen: points and stock go back.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)), responses((status = 200, body = RedemptionBody)))]
#[post("/me/redemptions/{id}/cancellation")]
pub async fn cancel_own(state: Data<State>, permit: Permit<RedeemPoints>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let redemption = detached(async move { rewards::cancel_own(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(RedemptionBody::new(&state, redemption)))
}

/// What residents of one's branches have chosen, the newest first.
#[utoipa::path(tag = "rewards", params(RedemptionQuery), responses((status = 200, body = ListedRedemptions)))]
#[get("/redemptions")]
pub async fn chosen(state: Data<State>, permit: Permit<HandOverRewards>, query: Query<RedemptionQuery>) -> Answer {
    let Query(query) = query;
    let filter = RedemptionFilter { status: query.status, code: query.code, card: None };
    listed(&state, &permit, &filter, &PageRequest { limit: query.limit, cursor: query.cursor }).await
}

/// What waits for whoever has this card.
#[utoipa::path(tag = "rewards", request_body = CardQueryInput, responses((status = 200, body = ListedRedemptions)))]
#[post("/redemptions/by-card")]
pub async fn chosen_by_card(
    state: Data<State>,
    permit: Permit<HandOverRewards>,
    input: Input<CardQueryInput>,
) -> Answer {
    let Input(CardQueryInput { card }) = input;
    let filter = RedemptionFilter { status: Some("held".to_owned()), code: None, card: Some(card) };
    listed(&state, &permit, &filter, &PageRequest { limit: None, cursor: None }).await
}

async fn listed(
    state: &State,
    permit: &Permit<HandOverRewards>,
    filter: &RedemptionFilter,
    request: &PageRequest,
) -> Answer {
    let page = rewards::list_redemptions(&state.campus, permit, filter, request).await?;
    let items = page.items.into_iter().map(|item| ListedRedemption::new(state, item)).collect();
    Ok(HttpResponse::Ok().json(ListedRedemptions { items, next_cursor: page.next_cursor }))
}

/// Hand over what somebody has chosen, once they have shown that it is theirs.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)), request_body = HandOverInput,
    responses((status = 200, body = RedemptionBody)))]
#[post("/redemptions/{id}/hand-over")]
pub async fn hand_over(
    state: Data<State>,
    permit: Permit<HandOverRewards>,
    id: Id,
    input: Input<HandOverInput>,
) -> Answer {
    let Input(input) = input;
    let shown = match (input.card, input.code) {
        (Some(card), _) => rewards::Shown::Card(card),
        (None, code) => rewards::Shown::Code(code.unwrap_or_default()),
    };
    let campus = state.campus.clone();
    let redemption = detached(async move { rewards::hand_over(&campus, &permit, id.0, &shown).await }).await?;
    Ok(HttpResponse::Ok().json(RedemptionBody::for_staff(&state, redemption)))
}

/// Cancel what somebody has chosen: points and stock go back.
#[utoipa::path(tag = "rewards", params(("id" = Uuid, Path,)), responses((status = 200, body = RedemptionBody)))]
#[post("/redemptions/{id}/cancellation")]
pub async fn cancel(state: Data<State>, permit: Permit<HandOverRewards>, id: Id) -> Answer {
    let campus = state.campus.clone();
    let redemption = detached(async move { rewards::cancel(&campus, &permit, id.0).await }).await?;
    Ok(HttpResponse::Ok().json(RedemptionBody::for_staff(&state, redemption)))
}

/// Routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(offered)
        .service(managed)
        .service(add)
        .service(change)
        .service(redeem)
        .service(own)
        .service(cancel_own)
        .service(chosen)
        .service(chosen_by_card)
        .service(hand_over)
        .service(cancel)
        .service(pictures::set_picture)
        .service(pictures::remove_picture)
        .service(pictures::picture)
        .service(taking_back::take_back);
}
