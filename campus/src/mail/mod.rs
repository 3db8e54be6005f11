//! Mail: queued in the transaction of what it tells of, sent by the worker, over SMTP
//! or into a mailbox folder.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::BoxFuture;
use lettre::message::{Attachment, Mailbox, MultiPart, header};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Campus;
use crate::db::Connection;
use crate::db::schema::mail_deliveries;
use crate::error::{Error, Result};
use crate::ids::new_id;
use crate::jobs::{Handler, NewJob, enqueue};
use crate::paging::{Page, PageRequest, page};

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum MailConfig {
    /// An SMTP server: `smtp://user:password@host:port` (`smtps://` for TLS from the start,
    /// `?tls=required` for STARTTLS).
    Smtp(String),
    /// A folder: one `.eml` file a mail.
    Folder(PathBuf),
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

#[derive(Clone)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// One mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// For readers of HTML.
    pub html: String,
    /// For readers of text, with the same content.
    pub text: String,
}

/// A file that goes along with a mail.
#[derive(Debug, Clone)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Makes the files of a mail when it is sent, from what was queued with it: they are not kept in the queue.
pub type MakeFiles = for<'a> fn(&'a Campus, &'a Value) -> BoxFuture<'a, Result<Vec<File>>>;

impl Mailer {
    /// A mailer that sends as `from` (`常青学堂 <noreply@example.org>`).
    ///
    /// # Errors
    /// When the address or the server's URL cannot be read.
    pub fn new(config: &MailConfig, from: &str) -> anyhow::Result<Self> {
        let transport = match config {
            MailConfig::Smtp(url) => Transport::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(Duration::from_secs(20))).build(),
            ),
            MailConfig::Folder(folder) => Transport::Folder(folder.clone()),
        };
        Ok(Self { from: from.parse()?, transport })
    }

    /// Sends one mail. The id makes its Message-ID, so that a mail sent twice after a crash
    /// shows as one where mail programs look for that.
    ///
    /// # Errors
    /// When the address is none, or the server or the folder refuses.
    pub async fn send(&self, id: Uuid, mail: &Mail, files: Vec<File>) -> anyhow::Result<()> {
        let domain = self.from.email.domain();
        let mut parts = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        if !files.is_empty() {
            parts = MultiPart::mixed().multipart(parts);
        }
        for file in files {
            parts = parts.singlepart(Attachment::new(file.name).body(file.content, file.content_type.parse()?));
        }
        let message = Message::builder()
            .from(self.from.clone())
            .to(mail.to.parse()?)
            .subject(&mail.subject)
            .message_id(Some(format!("<{id}@{domain}>")))
            .header(header::MIME_VERSION_1_0)
            .multipart(parts)?;
        match &self.transport {
            Transport::Smtp(transport) => {
                transport.send(message).await?;
            }
            Transport::Folder(folder) => {
                // Written apart and moved, so that nobody reads the half of a mail.
                let unfinished = folder.join(".unfinished");
                tokio::fs::create_dir_all(&unfinished).await?;
                let file = AsyncFileTransport::<Tokio1Executor>::new(&unfinished).send(message).await? + ".eml";
                tokio::fs::rename(unfinished.join(&file), folder.join(&file)).await?;
            }
        }
        Ok(())
    }
}

/// What a mail in the list of deliveries tells.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = mail_deliveries)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// The address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// What it is about.
    pub kind: String,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
    /// When the server took it; `None` while it waits.
    pub sent_at: Option<OffsetDateTime>,
}

/// Queues a mail inside the caller's transaction.
///
/// # Errors
/// What the database says.
pub async fn queue(connection: &mut Connection, kind: &'static str, mail: &Mail, now: OffsetDateTime) -> Result<Uuid> {
    let id = new_id();
    write(connection, id, kind, mail, Extra::default(), now).await?;
    Ok(id)
}

/// Queues a mail with files, which are made from `enclosed` when it is sent; with what it is about, by which
/// [`deliveries_about`] finds it.
///
/// # Errors
/// What the database says.
pub async fn queue_with_files(
    connection: &mut Connection,
    kind: &'static str,
    mail: &Mail,
    about: &str,
    enclosed: &Value,
    now: OffsetDateTime,
) -> Result<Uuid> {
    let id = new_id();
    write(connection, id, kind, mail, Extra { enclosed: Some(enclosed), ..Extra::default() }, now).await?;
    diesel::sql_query("UPDATE mail_deliveries SET about = $2 WHERE id = $1")
        .bind::<diesel::sql_types::Uuid, _>(id)
        .bind::<diesel::sql_types::Text, _>(about)
        .execute(connection)
        .await?;
    Ok(id)
}

/// What a mail is sent with beside its words.
#[derive(Default)]
struct Extra<'a> {
    sealed: Option<String>,
    enclosed: Option<&'a Value>,
}

async fn write(
    connection: &mut Connection,
    id: Uuid,
    kind: &'static str,
    mail: &Mail,
    extra: Extra<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let Extra { sealed, enclosed } = extra;
    diesel::insert_into(mail_deliveries::table)
        .values((
            mail_deliveries::id.eq(id),
            mail_deliveries::recipient.eq(&mail.to),
            mail_deliveries::subject.eq(&mail.subject),
            mail_deliveries::kind.eq(kind),
            mail_deliveries::queued_at.eq(now),
        ))
        .execute(connection)
        .await?;
    let payload = json!({"delivery_id": id, "mail": mail, "sealed": sealed, "enclosed": enclosed});
    let mut job = NewJob::new(SEND_MAIL, payload, now).on("mail");
    job.max_attempts = 10;
    enqueue(connection, &job).await?;
    Ok(())
}

/// Stands in a mail's text and HTML for a secret that nobody but the recipient may read.
pub const SECRET: &str = "{{secret}}";
/// What others see in its place.
const HIDDEN: &str = "••••••";

fn secret_context(id: Uuid) -> String {
    format!("mail:{id}")
}

/// Queues a mail with a secret where [`SECRET`] stands. Until it is sent, the secret is sealed, and
/// the list of mails never shows it.
///
/// # Errors
/// What the database says.
pub async fn queue_with_secret(
    campus: &Campus,
    connection: &mut Connection,
    kind: &'static str,
    mail: &Mail,
    secret: &str,
) -> Result<Uuid> {
    let id = new_id();
    let sealed = campus.seal.seal(&secret_context(id), secret.as_bytes())?;
    let extra = Extra { sealed: Some(STANDARD.encode(sealed)), ..Extra::default() };
    write(connection, id, kind, mail, extra, campus.clock.now()).await?;
    Ok(id)
}

impl Mail {
    fn with_secret(mut self, secret: &str) -> Self {
        self.html = self.html.replace(SECRET, secret);
        self.text = self.text.replace(SECRET, secret);
        self
    }
}

/// The mails of this deployment, newest first.
///
/// # Errors
/// What the database says; a bad page.
pub async fn deliveries(connection: &mut Connection, request: &PageRequest) -> Result<Page<Delivery>> {
    let limit = request.limit()?;
    let mut query = mail_deliveries::table.into_boxed();
    if let Some(before) = request.position::<Uuid>()? {
        query = query.filter(mail_deliveries::id.lt(before));
    }
    let newest = query.order(mail_deliveries::id.desc()).limit(limit + 1);
    let items: Vec<Delivery> = newest.select(Delivery::as_select()).load(connection).await?;
    page(items, limit, |delivery| delivery.id)
}

/// A mail about something, and what became of it.
#[derive(Debug, Clone, QueryableByName)]
pub struct DeliveryState {
    /// Its id.
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: Uuid,
    /// The address.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub recipient: String,
    /// The subject.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub subject: String,
    /// When it was queued.
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub queued_at: OffsetDateTime,
    /// When the server took it.
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>)]
    pub sent_at: Option<OffsetDateTime>,
    /// Whether all attempts were in vain.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub failed: bool,
}

/// The mails about something, newest first.
///
/// # Errors
/// What the database says.
pub async fn deliveries_about(connection: &mut Connection, about: &str) -> Result<Vec<DeliveryState>> {
    Ok(diesel::sql_query(
        "SELECT id, recipient, subject, queued_at, sent_at, sent_at IS NULL AND EXISTS (SELECT FROM jobs \
             WHERE kind = 'send_mail' AND state = 'dead' AND payload ->> 'delivery_id' = mail_deliveries.id::text) AS failed \
         FROM mail_deliveries WHERE about = $1 ORDER BY id DESC",
    )
    .bind::<diesel::sql_types::Text, _>(about)
    .load(connection)
    .await?)
}

/// A delivery and what was written in it.
///
/// # Errors
/// [`crate::error::Code::NotFound`] when there is none, or its content is kept no longer.
pub async fn delivery(connection: &mut Connection, id: Uuid) -> Result<(Delivery, Mail)> {
    let delivery: Delivery = mail_deliveries::table.find(id).select(Delivery::as_select()).first(connection).await?;
    #[derive(QueryableByName)]
    struct Content {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        mail: Value,
    }
    let content: Content = diesel::sql_query(
        "SELECT payload -> 'mail' AS mail FROM jobs WHERE kind = 'send_mail' AND payload ->> 'delivery_id' = $1",
    )
    .bind::<diesel::sql_types::Text, _>(id.to_string())
    .get_result(connection)
    .await?;
    let mail: Mail = serde_json::from_value(content.mail)?;
    Ok((delivery, mail.with_secret(HIDDEN)))
}

const SEND_MAIL: &str = "send_mail";

/// Sends a queued mail.
#[derive(Debug, Clone, Copy)]
pub struct SendMail {
    /// Makes the files of mails that have any.
    pub make_files: MakeFiles,
}

#[async_trait]
impl Handler for SendMail {
    fn kind(&self) -> &'static str {
        SEND_MAIL
    }

    async fn run(&self, campus: &Campus, payload: &Value) -> Result<()> {
        #[derive(Deserialize)]
        struct Payload {
            delivery_id: Uuid,
            mail: Mail,
            sealed: Option<String>,
            enclosed: Option<Value>,
        }
        let Payload { delivery_id, mut mail, sealed, enclosed } = Payload::deserialize(payload)?;
        if let Some(sealed) = sealed {
            let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
            let secret = campus.seal.open(&secret_context(delivery_id), &sealed)?;
            mail = mail.with_secret(std::str::from_utf8(&secret).map_err(Error::internal)?);
        }
        let mut connection = campus.database.connection().await?;
        let sent: Option<OffsetDateTime> =
            mail_deliveries::table.find(delivery_id).select(mail_deliveries::sent_at).first(&mut connection).await?;
        drop(connection);
        if sent.is_some() {
            return Ok(());
        }
        let files = match &enclosed {
            Some(enclosed) => (self.make_files)(campus, enclosed).await?,
            None => Vec::new(),
        };
        campus.mailer.send(delivery_id, &mail, files).await.map_err(Error::Internal)?;
        diesel::update(mail_deliveries::table.find(delivery_id))
            .set(mail_deliveries::sent_at.eq(campus.clock.now()))
            .execute(&mut campus.database.connection().await?)
            .await?;
        Ok(())
    }
}

/// What mail has run.
#[must_use]
pub fn handlers(make_files: MakeFiles) -> Vec<Box<dyn Handler>> {
    vec![Box::new(SendMail { make_files })]
}
