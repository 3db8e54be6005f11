//! Who is at the door: the address they come from and the device they come with.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use campus::accounts::{REMEMBERED_FOR, Visitor};

use crate::limits::client_address;
use crate::state::State;

const COOKIE: &str = "changqing_device";
const COOKIE_PATH: &str = "/api/v1";
/// The length of a device's token.
const TOKEN_LENGTH: usize = 43;

/// Families of browsers by what they say of themselves, the more particular first.
const BROWSERS: [(&str, &str); 12] = [
    ("MicroMessenger", "WeChat"),
    ("AlipayClient", "Alipay"),
    ("DingTalk", "DingTalk"),
    ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Xiaomi"),
    ("MQQBrowser", "QQ"),
    ("UCBrowser", "UC"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
];

/// The visitor behind a request; whether everybody uses the device they come with, they say
/// themselves.
pub(crate) fn visitor(state: &State, request: &HttpRequest, at_shared_device: bool) -> Visitor {
    let device = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned());
    let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
    Visitor {
        address: network(&client_address(state, request)),
        device: device.filter(|token| token.len() == TOKEN_LENGTH),
        label: agent.and_then(label),
        at_shared_device,
    }
}

/// What one household or machine is given: an IPv4 address, or the first 64 bits of an IPv6
/// address, whose other half anybody chooses anew for each attempt.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// `WeChat, Android`: which kind of browser on which kind of machine, and no more of what it says.
fn label(agent: &str) -> Option<String> {
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let parts: Vec<&str> = [find(&BROWSERS), find(&SYSTEMS)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The cookie that a device is known by. It survives logging out.
pub(crate) fn device_cookie(token: String, secure: bool) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path(COOKIE_PATH)
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(REMEMBERED_FOR.whole_seconds()))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_after_its_kind() {
        let wechat = "Mozilla/5.0 (Linux; Android 10; V1916A) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 \
            MicroMessenger/8.0.30 NetType/WIFI";
        assert_eq!(label(wechat).as_deref(), Some("WeChat, Android"));
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Version/16.0 Mobile/15E148 Safari/604.1";
        assert_eq!(label(safari).as_deref(), Some("Safari, iPhone"));
        assert_eq!(label("curl/8.5"), None);
    }

    #[test]
    fn a_household_is_one_address() {
        assert_eq!(network("240e:1:2:3:aaaa::1"), network("240e:1:2:3:bbbb::2"));
        assert_ne!(network("240e:1:2:3::1"), network("240e:1:2:4::1"));
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("somewhere"), "somewhere");
    }
}
