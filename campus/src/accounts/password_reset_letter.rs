//! The mail with a link for a forgotten password.

use super::rows::Account;
use crate::access::Role;
use crate::language::Language;
use crate::mail::{Mail, SECRET};

/// Writes the mail. The token stands behind a `#`: browsers send that part of an address to nobody.
pub(super) fn write(site: &str, account: &Account, address: &str, language: Language) -> Mail {
    let page = if account.role == Role::Resident.as_str() { "/reset/" } else { "/office/reset/" };
    let link = format!("{site}{page}#{SECRET}");
    let words: Words = match language {
        Language::Chinese => Words {
            subject: "重新设置常青学堂的密码",
            greeting: format!("{}，您好！", account.name),
            why: "有人（应该就是您）说忘了常青学堂的密码。请点下面的链接，给自己设一个新密码：",
            link: "设新密码",
            until: "链接一小时内有效，只能用一次。",
            otherwise: "如果不是您申请的，不用理会这封邮件，您的密码没有变。工作人员不会向您要这个链接，请不要转给别人。",
        },
        Language::English => Words {
            subject: "Set a new password for Changqing",
            greeting: format!("Dear {},", account.name),
            why: "Somebody, most likely you, said that they have forgotten the password for Changqing. Follow this link to set a new one:",
            link: "Set a new password",
            until: "The link serves once, within an hour.",
            otherwise: "If it was not you, leave this mail as it is: your password has not changed. The staff will never ask for this link; pass it on to nobody.",
        },
    };
    words.mail(address, &link, language)
}

struct Words {
    subject: &'static str,
    greeting: String,
    why: &'static str,
    link: &'static str,
    until: &'static str,
    otherwise: &'static str,
}

impl Words {
    fn mail(&self, to: &str, link: &str, language: Language) -> Mail {
        let Self { subject, greeting, why, link: title, until, otherwise } = self;
        let text = format!("{greeting}\n\n{why}\n\n{link}\n\n{until}\n{otherwise}\n");
        let name = greeting.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
             <body style=\"font-family:'Microsoft YaHei','PingFang SC',sans-serif;font-size:18px;line-height:1.6;color:#1a1a1a\">\n\
             <p>{name}</p>\n<p>{why}</p>\n\
             <p><a href=\"{link}\" style=\"font-size:20px\">{title}</a></p>\n<p style=\"word-break:break-all\">{link}</p>\n\
             <p>{until}</p>\n<p>{otherwise}</p>\n</body>\n</html>\n",
            language = language.tag(),
        );
        Mail { to: to.to_owned(), subject: (*subject).to_owned(), html, text }
    }
}
