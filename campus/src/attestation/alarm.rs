//! Who is told, of roots and of what does not fit.

use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::age::age;
use super::findings::{Finding, FindingKind};
use super::queries;
use super::root::{Acknowledgement, Root};
use super::rows::LedgerRoot;
use super::signing::ledger_day_began;
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
    let subject = format!("学分账本 第 {0} 次签名 / Ledger root {0}", root.sequence);
    let lines = [
        format!("今天的第一次签名：第 {} 次，{}。请保存这封邮件。", root.sequence, root.at),
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
    tracing::error!(%finding, "the ledger is not as it should be");
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
    let (subject, lines) = words(finding);
    tell_everybody(campus, connection, subject, &lines).await
}

/// What is said of a finding, in both languages.
fn words(finding: &Finding) -> (&'static str, [String; 3]) {
    if finding.kind == FindingKind::OverdueRoot {
        return (
            "警报：学分账本很久没有签名了 / Alarm: the credit ledger is not being signed",
            [
                "学分账本已经三个小时以上没有新的签名，或者最近一次签名的时间比现在还晚。没有签名的流水不受保护。\
                 请检查后台程序、文件存储和这台机器的时钟。"
                    .to_owned(),
                "No root of the credit ledger has been signed for three hours, or the newest is of a time that is \
                 still to come. Transfers that are not signed are not protected. Please look after the worker, the \
                 object store and this machine's clock."
                    .to_owned(),
                finding.to_string(),
            ],
        );
    }
    (
        "警报：学分账本对不上 / Alarm: the credit ledger does not fit",
        [
            "学分账本核对时发现有一处对不上，可能有人直接改动了数据库。请先不要改动数据，联系审计人员。".to_owned(),
            "The credit ledger does not fit: somebody may have changed the database itself. \
             Please change nothing and get in touch with the auditor."
                .to_owned(),
            finding.to_string(),
        ],
    )
}

/// Mails the auditor, where there is one, and all admins.
async fn tell_everybody(campus: &Campus, connection: &mut Connection, subject: &str, lines: &[String]) -> Result<()> {
    let mut recipients = queries::admin_addresses(connection).await?;
    recipients.extend(campus.config.auditor_email.clone());
    let place = format!("{}/office/ledger", campus.config.site_url);
    let lines: Vec<String> = lines.iter().cloned().chain([place]).collect();
    for to in recipients {
        let mail = plain(to, subject.to_owned(), &lines);
        mail::queue(connection, "ledger_finding", &mail, campus.clock.now()).await?;
    }
    Ok(())
}

/// Mails everybody that a check was begun and could not be ended.
pub(super) async fn tell_given_up(campus: &Campus, connection: &mut Connection) -> Result<()> {
    let lines = [
        "学分账本的核对试了几次都没有做完，不知道账本对不对得上。请在“账本核对”里再核对一次；还是做不完，请联系维护人员。"
            .to_owned(),
        "A check of the credit ledger was tried several times and could not be ended: whether the ledger fits is \
         not known. Please check again, and ask whoever looks after the machine if that ends the same way."
            .to_owned(),
    ];
    let subject = "学分账本的核对没有做完 / A check of the credit ledger was not ended";
    tell_everybody(campus, connection, subject, &lines).await
}

/// Mails everybody what a root answers for.
pub(super) async fn tell_acknowledged(
    campus: &Campus,
    connection: &mut Connection,
    root: &Root,
    row: &LedgerRoot,
) -> Result<()> {
    let Some(Acknowledgement { finding, reason }) = &root.acknowledges else { return Ok(()) };
    tracing::warn!(%finding, reason, root = root.sequence, "a root answers for what did not fit");
    let hash = hex::encode(&row.hash);
    let subject =
        format!("学分账本：第 {0} 次签名对一处对不上作了说明 / Ledger root {0} answers for a finding", root.sequence);
    let lines = [
        format!("第 {} 次签名从账本现在的样子重新开始。持有签名密钥的人说明了原因。", root.sequence),
        format!("Root {} begins anew with the ledger as it stands; whoever holds the key says why.", root.sequence),
        finding.to_string(),
        reason.clone(),
        format!("SHA-256: {hash}"),
        row.signed.clone(),
    ];
    tell_everybody(campus, connection, &subject, &lines).await
}

/// Notes how old the newest root is, and raises the alarm where it is overdue.
pub(super) async fn mind_age(campus: &Campus) -> Result<()> {
    let Some(age) = age(campus, &mut *campus.database.connection().await?).await? else { return Ok(()) };
    metrics::gauge!("ledger_root_age_seconds").set(age.age.as_seconds_f64());
    if !age.is_overdue {
        return Ok(());
    }
    refuse(campus, &Finding { root: age.root, ..Finding::about(FindingKind::OverdueRoot) }).await
}

/// No root could be signed. The alarm is raised once a day for the same thing.
pub(super) async fn refuse(campus: &Campus, finding: &Finding) -> Result<()> {
    let now = campus.clock.now();
    let value = serde_json::to_value(finding)?;
    let connection = &mut *campus.database.connection().await?;
    connection
        .transaction(async |connection| {
            let is_known = queries::is_refused_since(connection, &value, ledger_day_began(campus, now)).await?;
            tracing::error!(%finding, "no root was signed");
            if is_known {
                return Ok(());
            }
            let id = new_id();
            queries::insert_refusal(connection, id, finding.root, &value, now).await?;
            raise(campus, connection, id, finding).await
        })
        .await
}
