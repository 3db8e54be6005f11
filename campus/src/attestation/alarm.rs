//! Who is told, of roots and of what does not fit.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::findings::Finding;
use super::queries;
use super::root::Root;
use super::rows::LedgerRoot;
use super::signing::ledger_day;
use crate::Campus;
use crate::audit;
use crate::db::Connection;
use crate::error::Result;
use crate::ids::new_id;
use crate::mail::{self, Mail};

/// A mail of plain lines.
fn plain(to: String, subject: String, lines: &[String]) -> Mail {
    let escape = |line: &String| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = lines.iter().map(|line| format!("<p style=\"word-break:break-all\">{}</p>", escape(line))).collect();
    Mail { to, subject, html, text: lines.join("\n\n") }
}

/// Mails the auditor, where there is one, what was signed, so that the store alone need not be trusted.
pub(super) async fn tell_auditor(
    campus: &Campus,
    connection: &mut Connection,
    root: &Root,
    row: &LedgerRoot,
) -> Result<()> {
    let Some(auditor) = campus.config.auditor_email.clone() else { return Ok(()) };
    let hash = hex::encode(&row.hash);
    let subject = format!("学分账本 第 {0} 号根 / Ledger root {0}", root.sequence);
    let lines = [
        format!("今天的根：第 {} 号，{}。请保存这封邮件。", root.sequence, root.at),
        format!("Today's root: number {}, {}. Please keep this mail.", root.sequence, root.at),
        format!("SHA-256: {hash}"),
        row.signed.clone(),
        format!("worker audit-ledger --expect {hash}"),
    ];
    mail::queue(connection, "ledger_root", &plain(auditor, subject, &lines), root.at).await?;
    Ok(())
}

/// Something does not fit: said in the log, in the figures, in the audit, and by mail to the auditor and
/// all admins, inside the caller's transaction.
pub(super) async fn raise(
    campus: &Campus,
    connection: &mut Connection,
    audit_id: Uuid,
    finding: &Finding,
) -> Result<()> {
    tracing::error!(%finding, "the ledger does not fit");
    metrics::counter!("ledger_findings_total", "kind" => finding.kind.as_str()).increment(1);
    let now = campus.clock.now();
    let entry = audit::Entry {
        action: "ledger.finding",
        object_kind: "ledger_audit",
        object_id: Some(audit_id),
        branch_id: None,
        detail: serde_json::to_value(finding)?,
        actor: None,
    };
    audit::record(connection, now, &entry).await?;
    let mut recipients = queries::admin_addresses(connection).await?;
    recipients.extend(campus.config.auditor_email.clone());
    let lines = [
        "学分账本核对时发现有一处对不上，可能有人直接改动了数据库。请先不要改动数据，联系审计人员。".to_owned(),
        "The credit ledger does not fit: somebody may have changed the database itself. \
         Please change nothing and get in touch with the auditor."
            .to_owned(),
        finding.to_string(),
        format!("{}/office/ledger", campus.config.site_url),
    ];
    for to in recipients {
        let subject = "警报：学分账本对不上 / Alarm: the credit ledger does not fit".to_owned();
        mail::queue(connection, "ledger_finding", &plain(to, subject, &lines), now).await?;
    }
    Ok(())
}

/// No root could be signed. The alarm is raised once a day for the same thing.
pub(super) async fn refuse(campus: &Campus, finding: &Finding) -> Result<()> {
    let now = campus.clock.now();
    let value = serde_json::to_value(finding)?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let last = queries::last_audit(connection, "signing").await?;
            let is_known = last.is_some_and(|last| {
                last.finding.as_ref() == Some(&value) && ledger_day(campus, last.started_at) == ledger_day(campus, now)
            });
            tracing::error!(%finding, "no root was signed: the ledger does not fit");
            if is_known {
                return Ok(());
            }
            let id = new_id();
            queries::insert_refusal(connection, id, finding.root, &value, now).await?;
            raise(campus, connection, id, finding).await
        })
        .await
}
