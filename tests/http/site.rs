//! A whole site for one test: a database of its own, real object storage, one API or more.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use api::{Running, ServerConfig};
use campus::Campus;
use campus::access::Role;
use campus::accounts::{self, NewStaff};
use campus::branches::{self, NewBranch};
use campus::clock::Clock;
use campus::config::Config;
use campus::jobs::{self, Handler};
use campus::mail::MailConfig;
use campus::storage::StorageConfig;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standalone::storage::{BUCKET, ObjectStorage, REGION, proxy};
use uuid::Uuid;

pub struct Site {
    pub campus: Campus,
    pub client: reqwest::Client,
    pub address: String,
    pub folder: PathBuf,
    pub branch: Uuid,
    pub other_branch: Uuid,
    pub admin: String,
    pub staff: String,
    pub other_staff: String,
    pub running: Vec<Running>,
    pub storage: ObjectStorage,
}

fn cluster() -> String {
    std::env::var("TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5499".to_owned())
}

impl Site {
    pub async fn start() -> Self {
        let name = format!("site_{}", Uuid::new_v4().simple());
        let mut owner = AsyncPgConnection::establish(&format!("{}/postgres", cluster())).await.unwrap();
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut owner).await.unwrap();
        let owner_url = format!("{}/{name}", cluster());
        campus::db::migrate(&owner_url).await.unwrap();
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        let storage = ObjectStorage::start(&folder, 0).await.unwrap();
        let keys = folder.join("signing");
        accounts::make_key(&keys).unwrap();
        let config = Config {
            database_url: owner_url.replace("postgres@", "changqing_app@"),
            database_connections: 8,
            redis_url: None,
            storage: StorageConfig {
                endpoint: storage.endpoint(),
                public_endpoint: None,
                bucket: BUCKET.to_owned(),
                region: REGION.to_owned(),
                access_key: storage.keys().access_key.clone(),
                secret_key: storage.keys().secret_key.clone(),
            },
            mail: MailConfig::Folder(folder.join("mail")),
            mail_from: "test <test@example.org>".to_owned(),
            signing_keys: keys,
            closing_day: 6,
            password_hashing: 2,
            help_telephone: "12345".to_owned(),
        };
        let campus = Campus::new(config, Clock::live("Asia/Shanghai").unwrap()).unwrap();
        campus::deployment::begin(&campus).await.unwrap();
        let mut site = Self {
            campus: campus.clone(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            address: String::new(),
            folder,
            branch: Uuid::nil(),
            other_branch: Uuid::nil(),
            admin: String::new(),
            staff: String::new(),
            other_staff: String::new(),
            running: Vec::new(),
            storage,
        };
        site.address = site.start_api(&campus).await;
        site.people().await;
        site
    }

    async fn people(&mut self) {
        let first = self.running.first().unwrap().state.clone();
        let (campus, sessions) = (first.campus, first.sessions);
        let account = async |role, email: &str, branch_id| {
            let new = NewStaff {
                role,
                name: email.to_owned(),
                email: format!("{email}@example.org"),
                branch_id,
                password: "long enough".to_owned(),
            };
            accounts::create_staff(&campus, &sessions.passwords, None, &new).await.unwrap().id
        };
        let admin = account(Role::Admin, "admin", None).await;
        self.admin = sessions.issue(&campus, admin).unwrap();
        let mut connection = campus.database.connection().await.unwrap();
        drop(branches::list(&mut connection).await.unwrap());
        let actor = campus::access::Actor {
            account_id: admin,
            role: Role::Admin,
            branch_id: None,
            resident_id: None,
            request_id: None,
            language: Default::default(),
        };
        let branch = async |code: &str, parent_id| {
            let new = NewBranch { code: code.to_owned(), name: code.to_owned(), parent_id, population: Some(1000) };
            branches::create(&campus, &actor, &new).await.unwrap().id
        };
        let centre = branch("SC", None).await;
        self.branch = branch("CX", Some(centre)).await;
        self.other_branch = branch("HB", Some(centre)).await;
        let staff = account(Role::BranchStaff, "staff", Some(self.branch)).await;
        self.staff = sessions.issue(&campus, staff).unwrap();
        let other = account(Role::BranchStaff, "other", Some(self.other_branch)).await;
        self.other_staff = sessions.issue(&campus, other).unwrap();
    }

    async fn start_api(&mut self, campus: &Campus) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let target = self.storage.address();
        let extra: std::sync::Arc<dyn Fn(&mut actix_web::web::ServiceConfig) + Send + Sync> =
            std::sync::Arc::new(move |config| proxy::configure(config, target));
        let config = ServerConfig { workers: 1, settings: Default::default(), extra: Some(extra) };
        self.running.push(api::start(campus, listener, config).unwrap());
        campus.listen();
        address
    }

    /// Another API over the same database, with a cache of its own.
    pub async fn second_api(&mut self) -> String {
        let config = (*self.campus.config).clone();
        let campus = Campus::new(config, Clock::live("Asia/Shanghai").unwrap()).unwrap();
        self.start_api(&campus).await
    }

    pub async fn send(&self, method: Method, token: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.address));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, token: &str, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, token, path, None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, token, path, Some(body)).await
    }

    /// Runs every job that is due, as the worker would.
    pub async fn run_jobs(&self) {
        let handlers: [&dyn Handler; 2] = [&campus::videos::jobs::TranscodeVideo, &campus::videos::jobs::TidyUploads];
        loop {
            let mut connection = self.campus.database.connection().await.unwrap();
            let now = self.campus.clock.now();
            let claimed = jobs::claim(&mut connection, &["default", "media"], 10, now).await.unwrap();
            if claimed.is_empty() {
                return;
            }
            for job in claimed {
                let handler = handlers.iter().find(|handler| handler.kind() == job.kind).unwrap();
                handler.run(&self.campus, &job.payload).await.unwrap();
                assert!(jobs::finish(&mut connection, &job, now).await.unwrap());
            }
        }
    }

    /// A video of the branch that is ready without having been processed.
    pub async fn ready_video(&self, status: &str) -> Uuid {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let id = Uuid::now_v7();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        diesel::sql_query(format!(
            "INSERT INTO videos (id, branch_id, account_id, file_name, size, content_type, object_key, part_size, \
             status, duration_ms, created_at) SELECT '{id}', '{}', accounts.id, 'a.mp4', 1, 'video/mp4', 'x/{number}', 1, \
             '{status}', 61500, now() FROM accounts WHERE email = 'staff@example.org'",
            self.branch
        ))
        .execute(&mut self.campus.database.connection().await.unwrap())
        .await
        .unwrap();
        id
    }

    /// A course of the branch with one lesson, as far along as its video allows.
    pub async fn course(&self, title: &str, video: Uuid) -> String {
        let course =
            json!({"title": title, "summary": "", "topic": "health", "groups": ["elderly"], "credits": "2.00"});
        let (status, course) = self.post(&self.staff, "/courses", course).await;
        assert_eq!(status, 201, "{course}");
        let id = course["id"].as_str().unwrap().to_owned();
        let lesson = json!({"title": "第一课", "video_id": video, "credits": "0.5"});
        let (status, lesson) = self.post(&self.staff, &format!("/courses/{id}/lessons"), lesson).await;
        assert_eq!(status, 201, "{lesson}");
        id
    }

    pub async fn step(&self, token: &str, course: &str, step: &str) -> (StatusCode, Value) {
        self.send(Method::POST, token, &format!("/courses/{course}/{step}"), None).await
    }

    pub async fn publish(&self, course: &str) {
        for (token, step) in [(&self.staff, "submission"), (&self.admin, "approval"), (&self.admin, "publication")] {
            let (status, body) = self.step(token, course, step).await;
            assert_eq!(status, 201, "{step}: {body}");
        }
    }
}
