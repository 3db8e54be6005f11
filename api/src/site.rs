//! The built web: pages and files of the learner's and the office's side, held in memory
//! with their compressed forms.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::problem::{Answer, Problem};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; \
     frame-ancestors 'none'";

struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: String,
    tag: String,
    immutable: bool,
}

/// The files, by the path they are asked for under.
#[derive(Default)]
pub struct Pages {
    files: HashMap<String, File>,
    /// Where the store is, when it is not behind the site itself.
    policy: String,
}

impl Pages {
    /// Reads `learner/build/` and `office/build/` below `folder`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        let mut policy = POLICY.to_owned();
        if let Ok(store) = std::env::var("STORAGE_PUBLIC_ENDPOINT")
            && !store.is_empty()
        {
            policy = policy
                .replace("media-src 'self'", &format!("media-src 'self' {store}"))
                .replace("img-src 'self'", &format!("img-src 'self' {store}"))
                .replace("connect-src 'self'", &format!("connect-src 'self' {store}"));
        }
        let mut pages = Self { files: HashMap::new(), policy };
        if let Some(folder) = folder {
            pages.read(&folder.join("learner/build"), "")?;
            pages.read(&folder.join("office/build"), "office/")?;
        }
        Ok(pages)
    }

    fn read(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.read(&path, &format!("{prefix}{name}/"))?;
                continue;
            }
            if Path::new(&name).extension().is_some_and(|extension| extension == "br" || extension == "gz") {
                continue;
            }
            let plain = Bytes::from(std::fs::read(&path)?);
            let beside = |extension: &str| {
                std::fs::read(path.with_file_name(format!("{name}.{extension}"))).ok().map(Bytes::from)
            };
            let file = File {
                brotli: beside("br"),
                gzip: beside("gz"),
                content_type: content_type(&name),
                tag: format!("\"{}\"", hex(&Sha256::digest(&plain))),
                immutable: prefix.contains("_app/immutable/"),
                plain,
            };
            self.files.insert(format!("{prefix}{name}"), file);
        }
        Ok(())
    }

    fn find(&self, path: &str) -> Option<&File> {
        let path = path.trim_matches('/');
        let page = |name: String| self.files.get(&name);
        self.files
            .get(path)
            .or_else(|| page(format!("{path}.html")))
            .or_else(|| page(if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") }))
            .or_else(|| {
                // A page with an id in its path is drawn by the application's fallback.
                let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
                let fallback =
                    if path == "office" || path.starts_with("office/") { "office/200.html" } else { "200.html" };
                if is_file { None } else { self.files.get(fallback) }
            })
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn content_type(name: &str) -> String {
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        _ => "application/octet-stream",
    };
    kind.to_owned()
}

async fn serve(pages: Data<Pages>, request: HttpRequest) -> Answer {
    let Some(file) = pages.find(request.path()) else {
        return Err(Problem::from(campus::error::Code::NotFound));
    };
    let header_text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(file.content_type.as_str())
        .insert_header((header::ETAG, file.tag.as_str()))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" },
        ));
    if file.content_type.starts_with("text/html") {
        answer
            .insert_header((header::CONTENT_SECURITY_POLICY, pages.policy.as_str()))
            .insert_header((header::REFERRER_POLICY, "same-origin"))
            .insert_header(("permissions-policy", "camera=(self), microphone=(), geolocation=()"))
            .insert_header((header::X_FRAME_OPTIONS, "DENY"));
    }
    if header_text(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == file.tag) {
        return Ok(answer.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let accepted = header_text(header::ACCEPT_ENCODING);
    let takes = |encoding: &str| {
        accepted.split(',').any(|part| part.split(';').next().is_some_and(|name| name.trim() == encoding))
    };
    Ok(match (&file.brotli, &file.gzip) {
        (Some(brotli), _) if takes("br") => answer.insert_header((header::CONTENT_ENCODING, "br")).body(brotli.clone()),
        (_, Some(gzip)) if takes("gzip") => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip.clone()),
        _ => answer.body(file.plain.clone()),
    })
}

/// A form sent before its page was alive: the page again, without what was typed in the
/// address or in a log.
async fn again(pages: Data<Pages>, request: HttpRequest) -> Answer {
    if pages.find(request.path()).is_none() {
        return Err(Problem::from(campus::error::Code::NotFound));
    }
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, request.path())).finish())
}

/// Everything that is not the API.
pub fn routes(config: &mut web::ServiceConfig, pages: Arc<Pages>) {
    let page = web::resource("/{path:.*}")
        .route(web::get().to(serve))
        .route(web::head().to(serve))
        .route(web::post().to(again));
    config.app_data(Data::from(pages)).service(page);
}
