//! The whole application for one test: a real HTTP server over its own database.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use campus::Campus;
use campus::access::{Actor, Role};
use campus::accounts::{self, NewStaff, second_factor};
use campus::branches::{self, Branch, NewBranch};
use campus::clock::Clock;
use campus::config::Config;
use campus::jobs;
use campus::language::Language;
use campus::lrs::LrsConfig;
use campus::mail::MailConfig;
use campus::residents::{self, NewResident};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::OnceCell;
use uuid::Uuid;
use worker::{Outcome, Ran};

use crate::client::Client;
use crate::database::{TestDatabase, apart};
use crate::engines::{self, Held};
use crate::lrs::RecordStore;
use crate::mailbox::{Mailbox, Received};
use crate::person::Person;

/// The password of every account that the support makes.
pub const PASSWORD: &str = "correct horse 常青";
/// The deployment's zone.
pub const ZONE: &str = "Asia/Shanghai";

/// What all servers of one test share. Dropped last, it checks that no job died.
struct Ground {
    database: TestDatabase,
    held: Held,
    folder: tempfile::TempDir,
    mailbox: Mailbox,
    lrs: Option<LrsConfig>,
    dead_jobs_allowed: std::sync::atomic::AtomicBool,
}

/// A running application with its own database and its own clock, which stands at
/// 2026-11-22T10:00+08:00 until a test moves it.
pub struct TestApp {
    /// The domain, as the application's database role.
    pub campus: Campus,
    /// The clock; `set` and `advance` move it for every server of this test.
    pub clock: Clock,
    server: api::Running,
    site: String,
    /// The branches by their codes.
    pub branches: HashMap<String, Branch>,
    pub(crate) maker: OnceCell<Client>,
    ground: Arc<Ground>,
}

impl TestApp {
    /// An application with nothing in it but what the migrations bring; mail goes to a folder.
    pub async fn start() -> Self {
        Self::start_with(Mailbox::folder(), true, None).await
    }

    /// The same, living in another time zone from another moment on.
    pub async fn start_in(zone: &str, start: OffsetDateTime) -> Self {
        let clock = Clock::manual(zone, start).expect("the zone is known");
        Self::start_with_clock(clock, Mailbox::folder(), true, None).await
    }

    /// The same, with mail going over SMTP to a server that keeps what it receives.
    pub async fn start_with_smtp() -> Self {
        Self::start_with(Mailbox::server(), true, None).await
    }

    /// The same, with a Redis that is not there.
    pub async fn start_without_redis() -> Self {
        Self::start_with(Mailbox::folder(), false, None).await
    }

    /// An application with the street's thirteen branches (see [`TestApp::branch`]).
    pub async fn street() -> Self {
        let mut app = Self::start().await;
        app.make_street().await;
        app
    }

    /// The same street, which tells a learning record store what is learned.
    pub async fn street_telling(store: &RecordStore) -> Self {
        let mut app = Self::start_with(Mailbox::folder(), true, Some(store.config())).await;
        app.make_street().await;
        app
    }

    async fn start_with(mailbox: Mailbox, redis: bool, lrs: Option<LrsConfig>) -> Self {
        let clock = Clock::manual(ZONE, datetime!(2026-11-22 10:00 +8)).expect("the zone is known");
        Self::start_with_clock(clock, mailbox, redis, lrs).await
    }

    async fn start_with_clock(clock: Clock, mailbox: Mailbox, redis: bool, lrs: Option<LrsConfig>) -> Self {
        let mut held = tokio::task::spawn_blocking(engines::hold).await.expect("the engines run");
        if !redis {
            "redis://127.0.0.1:1".clone_into(&mut held.redis_url);
        }
        let database = TestDatabase::migrated(&held.addresses).await;
        let folder = tempfile::tempdir().expect("a folder can be made");
        accounts::make_key(&folder.path().join("keys")).expect("a key can be made");
        let dead_jobs_allowed = false.into();
        let ground = Arc::new(Ground { database, held, folder, mailbox, lrs, dead_jobs_allowed });
        let campus = Campus::new(ground.config(), clock.clone()).expect("the configuration is good");
        campus::deployment::begin(&campus).await.expect("a deployment begins");
        campus::deployment::mark_ready(&campus).await.expect("a deployment gets ready");
        Self::serve(ground, campus, HashMap::new())
    }

    fn serve(ground: Arc<Ground>, campus: Campus, branches: HashMap<String, Branch>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let site = format!("http://{}", listener.local_addr().expect("a listener has an address"));
        let storage = ground.held.addresses.storage.trim_start_matches("http://").parse().expect("an address");
        let config = api::ServerConfig {
            workers: 1,
            settings: api::Settings::default(),
            extra: Some(Arc::new(move |config| standalone::storage::proxy::configure(config, storage))),
        };
        let server = api::start(&campus, listener, config).expect("the server starts");
        let maker = OnceCell::new();
        Self { clock: campus.clock.clone(), campus, server, site, branches, maker, ground }
    }

    /// A second server on the same database, with its own pool and its own caches: another
    /// API of the same deployment.
    #[must_use]
    pub fn another(&self) -> Self {
        let campus = Campus::new(self.ground.config(), self.clock.clone()).expect("the configuration is good");
        Self::serve(Arc::clone(&self.ground), campus, self.branches.clone())
    }

    /// Where it serves, e.g. `http://127.0.0.1:41234`.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The database as its owner, for what no verb does: looking under the table, tampering.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.ground.database.owner_url()
    }

    /// The configuration another process of this deployment would be given.
    #[must_use]
    pub fn config(&self) -> Config {
        self.ground.config()
    }

    /// A folder that is gone with the test.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.ground.folder.path()
    }

    /// A client without an account.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.site)
    }

    /// The same client, talking to this server (see [`TestApp::another`]).
    #[must_use]
    pub fn client_of(&self, account_id: Uuid) -> Client {
        self.anonymous().logged_in(&self.campus, &self.server.state.sessions, account_id)
    }

    /// A new admin.
    pub async fn admin(&self) -> Client {
        self.new_staff(Role::Admin, None, true).await
    }

    /// New staff of a branch of [`TestApp::street`], by its code.
    pub async fn staff(&self, code: &str) -> Client {
        self.new_staff(Role::BranchStaff, Some(self.branch(code).id), true).await
    }

    /// A new admin who has not set a second factor yet.
    pub async fn unguarded_admin(&self) -> Client {
        self.new_staff(Role::Admin, None, false).await
    }

    async fn new_staff(&self, role: Role, branch_id: Option<Uuid>, guarded: bool) -> Client {
        let email = format!("{}@staff.example", Uuid::new_v4().simple());
        let staff = NewStaff { role, name: "王老师".to_owned(), email, branch_id, password: PASSWORD.to_owned() };
        let passwords = &self.server.state.sessions.passwords;
        let account = accounts::create_staff(&self.campus, passwords, None, &staff).await.expect("staff can be made");
        if guarded {
            let secret = second_factor::new_secret();
            second_factor::install(&self.campus, account.id, &secret).await.expect("a second factor can be set");
        }
        let mut client = self.client_of(account.id);
        client.branch_id = branch_id;
        client
    }

    /// A new resident of a branch, with an account.
    pub async fn resident(&self, code: &str) -> Client {
        self.new_resident(code, &Person::default()).await
    }

    /// A resident as described, with an account whose password is [`PASSWORD`].
    pub async fn new_resident(&self, code: &str, person: &Person) -> Client {
        let new = self.on_record(code, person).await;
        let hash = self.password_hash().await;
        let connection = &mut *self.campus.database.connection().await.expect("a connection can be had");
        let email = person.email.as_deref();
        let account = accounts::create_for_resident(&self.campus, connection, new.id, &new.name, email, Some(hash))
            .await
            .expect("an account can be made");
        let mut client = self.client_of(account.id);
        client.resident_id = Some(new.id);
        client.branch_id = Some(new.branch_id);
        client
    }

    /// Puts a person on record as a roster does: without an account.
    pub async fn on_record(&self, code: &str, person: &Person) -> NewResident {
        let new = NewResident {
            id: campus::ids::new_id(),
            name: person.name.clone(),
            birth_date: person.birth_date,
            gender: Some("female".to_owned()),
            phone: person.phone.clone(),
            id_number: person.id_number.clone(),
            groups: Vec::new(),
            branch_id: self.branch(code).id,
            registered_on: person.registered_on.unwrap_or_else(|| self.clock.today()),
            origin: "roster",
        };
        let connection = &mut *self.campus.database.connection().await.expect("a connection can be had");
        let recorded = residents::record(&self.campus, connection, std::slice::from_ref(&new)).await;
        assert_eq!(recorded.expect("people can be recorded").len(), 1, "{} is on record already", new.name);
        new
    }

    /// A hash of [`PASSWORD`], made once: making it is what takes long.
    async fn password_hash(&self) -> String {
        static HASH: OnceLock<String> = OnceLock::new();
        if let Some(hash) = HASH.get() {
            return hash.clone();
        }
        let hash = self.server.state.sessions.passwords.hash(PASSWORD).await.expect("a password can be hashed");
        HASH.get_or_init(|| hash).clone()
    }

    /// How many passwords this server has hashed, to keep or to check one.
    #[must_use]
    pub fn passwords_hashed(&self) -> u64 {
        self.server.state.sessions.passwords.made()
    }

    /// The learner number of a resident.
    pub async fn learner_number(&self, resident_id: Uuid) -> String {
        let connection = &mut *self.campus.database.connection().await.expect("a connection can be had");
        residents::find(connection, resident_id).await.expect("the resident is there").learner_number
    }

    /// A branch of [`TestApp::street`], by its code (`CX`; the street centre is `CQJD`).
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn branch(&self, code: &str) -> &Branch {
        self.branches.get(code).unwrap_or_else(|| panic!("no branch {code}: start with TestApp::street()"))
    }

    /// Makes the thirteen branches of `tests/fixtures/rosters/branches.csv`.
    pub async fn make_street(&mut self) {
        let admin = self.actor_of(&self.admin().await).await;
        for line in include_str!("../fixtures/rosters/branches.csv").lines().skip(1).filter(|line| !line.is_empty()) {
            let [code, name, parent, population]: [&str; 4] =
                line.split(',').collect::<Vec<_>>().try_into().expect("a line has four columns");
            let parent_id = self.branches.get(parent).map(|branch| branch.id);
            let population = Some(population.trim().parse().expect("a population is a number"));
            let new = NewBranch { code: code.to_owned(), name: name.to_owned(), parent_id, population };
            let branch = branches::create(&self.campus, &admin, &new).await.expect("a branch can be made");
            self.branches.insert(code.to_owned(), branch);
        }
    }

    /// The actor behind a client, for calling verbs directly.
    pub async fn actor_of(&self, client: &Client) -> Actor {
        let connection = &mut *self.campus.database.connection().await.expect("a connection can be had");
        let id = client.account_id.expect("this client has an account");
        let account = accounts::find(connection, id).await.expect("the account is there");
        Actor {
            account_id: account.id,
            role: Role::from_name(&account.role).expect("the role is known"),
            branch_id: account.branch_id,
            resident_id: account.resident_id,
            request_id: None,
            language: Language::Chinese,
            session: None,
            second_factor_due: None,
        }
    }

    /// Runs every job that is due, in order, with the worker's own handlers.
    ///
    /// # Panics
    /// When one fails; use [`TestApp::try_jobs`] where that is the point.
    pub async fn run_jobs(&self) -> Vec<Ran> {
        let ran = self.try_jobs().await;
        for job in &ran {
            assert_eq!(job.outcome, Outcome::Done, "{}: {:?}", job.kind, job.error);
        }
        ran
    }

    /// Runs every job that is due and answers how each ended.
    pub async fn try_jobs(&self) -> Vec<Ran> {
        worker::run_available(&self.campus, &worker::handlers()).await.expect("jobs can be read")
    }

    /// Enqueues what has come due by the clock, then runs every job.
    pub async fn tick(&self) -> Vec<Ran> {
        let schedules = worker::schedules(&self.campus.config);
        jobs::tick(&self.campus, &schedules, self.clock.now()).await.expect("schedules can be written");
        self.run_jobs().await
    }

    /// Says that dead jobs are what this test is about.
    pub fn allow_dead_jobs(&self) {
        self.ground.dead_jobs_allowed.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    /// The mails that have been sent, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Received> {
        self.ground.mailbox.received()
    }

    /// Stops this server as a signal would.
    pub async fn stop(self) {
        self.server.stop().await.expect("the server stops well");
    }
}

impl Ground {
    fn config(&self) -> Config {
        Config {
            database_url: self.database.url(),
            database_connections: 8,
            redis_url: Some(self.held.redis_url.clone()),
            storage: self.held.addresses.storage_below(&self.database.name),
            // What is counted exactly must not be counted here and there because a machine was slow.
            redis_patience: std::time::Duration::from_secs(3),
            mail: match &self.mailbox {
                Mailbox::Folder(folder) => MailConfig::Folder(PathBuf::from(folder.path())),
                Mailbox::Server(server) => MailConfig::Smtp(server.url()),
            },
            mail_from: "常青学堂 <noreply@changqing.example>".to_owned(),
            signing_keys: self.folder.path().join("keys"),
            closing_day: 6,
            points_last_months: 24,
            award_second_person_above: 100_000,
            password_hashing: 2,
            help_telephone: "12345".to_owned(),
            site_url: "https://learn.example.org".to_owned(),
            lrs: self.lrs.clone(),
            auditor_email: None,
        }
    }
}

impl Drop for Ground {
    /// A test that leaves a dead job behind has broken something it did not look at.
    fn drop(&mut self) {
        if std::thread::panicking() || *self.dead_jobs_allowed.get_mut() {
            return;
        }
        let url = self.database.owner_url();
        let dead = std::thread::spawn(move || {
            apart(async {
                let mut connection = crate::database::connect(&url).await;
                jobs::dead(&mut connection).await.expect("jobs can be read")
            })
        });
        let dead = dead.join().expect("jobs can be read");
        assert!(dead.is_empty(), "jobs died: {dead:#?}");
    }
}
