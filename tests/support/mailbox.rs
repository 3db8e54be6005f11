//! What the application mails, as a recipient's program reads it.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use mail_parser::{Message, MessageParser, MimeHeaders};
use mailin_embedded::response::{OK, Response};
use mailin_embedded::{Handler, Server, SslConfig};

/// Where the application's mail goes.
pub enum Mailbox {
    /// A folder with one file a mail.
    Folder(tempfile::TempDir),
    /// An SMTP server in this process.
    Server(SmtpServer),
}

/// A mail that has been received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The recipient.
    pub to: String,
    /// The sender's address.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// The text part, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: String,
    /// The files that came along: what they are called, and what is in them.
    pub files: Vec<(String, Vec<u8>)>,
    /// Its Message-ID.
    pub id: String,
    /// As it came over the wire.
    pub raw: Vec<u8>,
}

impl Mailbox {
    /// A folder that is gone with the test.
    #[must_use]
    pub fn folder() -> Self {
        Self::Folder(tempfile::tempdir().expect("a folder can be made"))
    }

    /// An SMTP server on a free port.
    #[must_use]
    pub fn server() -> Self {
        Self::Server(SmtpServer::start())
    }

    /// Everything received so far, oldest first.
    ///
    /// # Panics
    /// When a mail cannot be read.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        match self {
            Self::Folder(folder) => {
                let mut files: Vec<_> = fs::read_dir(folder.path())
                    .expect("the mailbox can be read")
                    .map(|entry| entry.expect("the mailbox can be listed"))
                    .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "eml"))
                    .map(|entry| (entry.metadata().and_then(|data| data.modified()).ok(), entry.path()))
                    .collect();
                files.sort();
                files.into_iter().map(|(_, path)| Received::read(fs::read(path).expect("a mail can be read"))).collect()
            }
            Self::Server(server) => {
                let mails = server.mails.lock().expect("no receiver panics");
                mails.iter().cloned().map(Received::read).collect()
            }
        }
    }
}

impl Received {
    fn read(raw: Vec<u8>) -> Self {
        let message = MessageParser::default().parse(&raw).expect("a mail can be parsed");
        let address = |list: Option<&mail_parser::Address<'_>>| {
            list.and_then(|list| list.first()).and_then(|one| one.address()).unwrap_or_default().to_owned()
        };
        let part = |body: Option<std::borrow::Cow<'_, str>>| body.map(|text| text.into_owned()).unwrap_or_default();
        Self {
            to: address(message.to()),
            from: address(message.from()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: part(Message::body_text(&message, 0)),
            html: part(Message::body_html(&message, 0)),
            files: message
                .attachments()
                .map(|file| (file.attachment_name().unwrap_or_default().to_owned(), file.contents().to_vec()))
                .collect(),
            id: message.message_id().unwrap_or_default().to_owned(),
            raw: raw.clone(),
        }
    }
}

/// An SMTP server that takes everything.
pub struct SmtpServer {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl SmtpServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let mut server = Server::new(Receiver { mails: Arc::clone(&mails), current: Vec::new() });
        server.with_name("mail.example").with_tcp_listener(listener);
        server.with_ssl(SslConfig::None).expect("no encryption needs no key");
        // Ends with the process: the library has no way to stop it.
        std::thread::spawn(move || {
            if let Err(error) = server.serve() {
                eprintln!("the test's mail server ended: {error}");
            }
        });
        Self { address, mails }
    }

    /// For the application's configuration.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }
}

#[derive(Clone)]
struct Receiver {
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
    current: Vec<u8>,
}

impl Handler for Receiver {
    fn helo(&mut self, _ip: IpAddr, _domain: &str) -> Response {
        OK
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _is8bit: bool, _to: &[String]) -> Response {
        self.current.clear();
        OK
    }

    fn data(&mut self, piece: &[u8]) -> io::Result<()> {
        self.current.extend_from_slice(piece);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.mails.lock().expect("no receiver panics").push(std::mem::take(&mut self.current));
        OK
    }
}
