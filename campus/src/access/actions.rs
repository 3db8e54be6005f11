//! The policy table: every kind of work, the roles that may do it, whether it needs a fresh proof
//! of who one is, and whether it is open to staff without a second factor (`unguarded`).

use super::{Action, Role};

macro_rules! actions {
    (@fresh fresh $($more:ident)*) => { true };
    (@fresh $other:ident $($more:ident)*) => { actions!(@fresh $($more)*) };
    (@fresh) => { false };
    (@unguarded unguarded $($more:ident)*) => { true };
    (@unguarded $other:ident $($more:ident)*) => { actions!(@unguarded $($more)*) };
    (@unguarded) => { false };
    ($($(#[$about:meta])* $name:ident $text:literal $($mark:ident)* [$($role:ident),+];)*) => {
        $(
            $(#[$about])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Action for $name {
                const NAME: &'static str = $text;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
                const FRESH: bool = actions!(@fresh $($mark)*);
                const UNGUARDED: bool = actions!(@unguarded $($mark)*);
            }
        )*

        /// What a role may do, by name.
        #[must_use]
        pub fn permissions(role: Role) -> Vec<&'static str> {
            let mut names = Vec::new();
            $(if $name::ROLES.contains(&role) { names.push($name::NAME); })*
            names
        }

        /// What a role may do before it has a second factor, by name.
        #[must_use]
        pub fn unguarded_permissions(role: Role) -> Vec<&'static str> {
            let mut names = Vec::new();
            $(if $name::UNGUARDED && $name::ROLES.contains(&role) { names.push($name::NAME); })*
            names
        }
    };
}

actions! {
    /// See who one is and what one may do.
    SeeOneself "see_oneself" unguarded [Resident, BranchStaff, Admin];
    /// Say what branches are to reach, and what metrics weigh.
    SetTargets "set_targets" [Admin];
    /// Set up and change branches.
    ManageBranches "manage_branches" [Admin];
    /// Keep the venues of one's branches.
    KeepVenues "keep_venues" [BranchStaff, Admin];
    /// See residents of one's branches.
    SeeResidents "see_residents" [BranchStaff, Admin];
    /// See a resident's telephone or ID number in full, for a reason.
    DiscloseResidents "disclose_residents" [BranchStaff, Admin];
    /// Print learner cards of residents of one's branches, and make them void.
    IssueCards "issue_cards" [BranchStaff, Admin];
    /// Set a PIN of one's own.
    SetPin "set_pin" fresh [Resident];
    /// Correct residents of one's branches.
    ChangeResidents "change_residents" [BranchStaff, Admin];
    /// Register people at the desk of one's branches.
    RegisterResidents "register_residents" [BranchStaff, Admin];
    /// Move residents of one's branches to another.
    MoveResidents "move_residents" [BranchStaff, Admin];
    /// Join records of one person, and find such records.
    MergeResidents "merge_residents" [BranchStaff, Admin];
    /// Import rosters into one's branches.
    ImportRosters "import_rosters" [BranchStaff, Admin];
    /// Make courses and lessons, upload videos.
    MakeCourses "make_courses" [BranchStaff, Admin];
    /// Approve, send back, publish and archive courses.
    DecideCourses "decide_courses" [Admin];
    /// See certificates of residents of one's branches.
    SeeCertificates "see_certificates" [BranchStaff, Admin];
    /// Revoke certificates.
    RevokeCertificates "revoke_certificates" fresh [Admin];
    /// Enrol, watch, and be counted.
    Learn "learn" [Resident];
    /// Ask about lessons, report what others ask, say what one got out of a course.
    Discuss "discuss" [Resident];
    /// Answer questions about courses of one's branches, pin and hide them.
    AnswerQuestions "answer_questions" [BranchStaff, Admin];
    /// Play a lesson's video.
    PlayLessons "play_lessons" [Resident, BranchStaff, Admin];
    /// See one's own credits.
    SeeOwnCredits "see_own_credits" [Resident];
    /// Choose who helps one, and see what they did.
    ManageOwnHelpers "manage_own_helpers" [Resident];
    /// Help those who have allowed it.
    HelpResidents "help_residents" [Resident];
    /// Set up a helper at the desk, with the resident present.
    ArrangeHelpers "arrange_helpers" [BranchStaff, Admin];
    /// Give and withdraw consents of one's own.
    ManageOwnConsents "manage_own_consents" [Resident];
    /// Take away everything held about oneself.
    ExportOneself "export_oneself" [Resident];
    /// Leave, and have one's details forgotten.
    LeaveOneself "leave_oneself" fresh [Resident];
    /// End the registration of somebody of one's branches.
    EndRegistrations "end_registrations" fresh [BranchStaff, Admin];
    /// Award credits to a list and reverse awards.
    AwardCredits "award_credits" fresh [Admin];
    /// Choose rewards for one's points.
    RedeemPoints "redeem_points" [Resident];
    /// Hand rewards over to residents of one's branches.
    HandOverRewards "hand_over_rewards" [BranchStaff, Admin];
    /// Offer rewards and withdraw them.
    ManageRewards "manage_rewards" [Admin];
    /// See the rules by which credits and points are earned, and try out others.
    SeeCreditRules "see_credit_rules" [Admin];
    /// Write rules by which credits and points are earned.
    WriteCreditRules "write_credit_rules" fresh [Admin];
    /// File what one has achieved elsewhere, for oneself or for those whom one helps.
    FileRecognitions "file_recognitions" [Resident];
    /// See and check what residents of one's branches have filed.
    CheckRecognitions "check_recognitions" [BranchStaff, Admin];
    /// Approve what has been checked.
    ApproveRecognitions "approve_recognitions" fresh [Admin];
    /// Write the catalogue of what is recognised.
    ManageOutcomes "manage_outcomes" [Admin];
    /// See transfers of residents of one's branches.
    SeeTransfers "see_transfers" [BranchStaff, Admin];
    /// Read rankings and reports.
    ReadReports "read_reports" [BranchStaff, Admin];
    /// Take figures away in a file.
    ExportReports "export_reports" fresh [BranchStaff, Admin];
    /// Take away a year's figures, lists, documents and pictures of one's branches.
    TakeDossiers "take_dossiers" fresh [BranchStaff, Admin];
    /// Draw up and freeze who is honoured at the end of a year.
    ManageHonours "manage_honours" [Admin];
    /// Take away in a file who is honoured.
    ExportHonours "export_honours" fresh [Admin];
    /// See what is out of the ordinary, have it looked for, and settle it.
    SettleAnomalies "settle_anomalies" [Admin];
    /// Set up a second factor for one's own log-in.
    SetSecondFactor "set_second_factor" fresh unguarded [BranchStaff, Admin];
    /// Close a month.
    CloseMonths "close_months" [Admin];
    /// See the accounts of staff and admins.
    SeeAccounts "see_accounts" [Admin];
    /// Make and change accounts of staff and admins.
    ManageAccounts "manage_accounts" fresh [Admin];
    /// See who did what.
    SeeAudit "see_audit" [Admin];
    /// See the roots of the ledger and whether it fits them, and have it checked.
    AuditLedger "audit_ledger" [Admin];
    /// See jobs, replay dead ones, read the mailbox.
    OperateDeployment "operate_deployment" [Admin];
}
