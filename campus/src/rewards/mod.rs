//! Rewards: what points buy. Choosing one holds the points and one of the stock; it is handed over to
//! whoever shows that they chose it, or given back.

mod catalogue;
mod guessing;
mod jobs;
mod listing;
mod pictures;
mod queries;
mod redeeming;
mod rows;
mod settling;
mod taking_back;

pub use catalogue::{HOLD_DAYS, NewReward, RewardChange, add, change, list};
pub use jobs::{handlers, schedules};
pub use listing::{RedemptionFilter, RedemptionItem, list as list_redemptions};
pub use pictures::{LARGEST_REWARD_PICTURE, picture_link, remove_picture, set_picture};
pub use redeeming::{own, redeem};
pub use rows::{Redemption, Reward};
pub use settling::{Shown, cancel, cancel_own, hand_over};
pub use taking_back::take_back;
