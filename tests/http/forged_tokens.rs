//! Access tokens that somebody made up: each is refused, all with the same words.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp};
use uuid::Uuid;

/// The session that a client's own token names.
fn session_of(client: &Client) -> Value {
    let token = client.token();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["sid"].clone()
}

struct Forge {
    key: EncodingKey,
    public: String,
    kid: String,
    claims: Value,
}

impl Forge {
    async fn new(app: &TestApp, client: &Client) -> Self {
        let pem = std::fs::read(app.config().signing_keys.join("0001.pem")).unwrap();
        let keys = Answer::of(app.anonymous().request_at_root(Method::GET, "/.well-known/jwks.json")).await.expect(200);
        let now = app.clock.now().unix_timestamp();
        let claims = json!({
            "iss": "changqing", "aud": "changqing-api", "sub": client.account_id, "iat": now, "nbf": now,
            "exp": now + 600, "jti": Uuid::new_v4(), "sid": session_of(client), "auth_time": now,
        });
        let text = |name: &str| keys["keys"][0][name].as_str().unwrap().to_owned();
        Self { key: EncodingKey::from_ed_pem(&pem).unwrap(), public: text("x"), kid: text("kid"), claims }
    }

    fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.kid.clone());
        header
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).unwrap()
    }

    /// The right token but for these claims; null takes one away.
    fn with(&self, changes: &Value) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        self.sign(&self.header(), &claims)
    }

    fn by_hand(&self, header: &Value, signature: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", part(header), part(&self.claims))
    }
}

fn wrong_claims(forge: &Forge, now: i64) -> Vec<(&'static str, String)> {
    vec![
        ("another audience", forge.with(&json!({"aud": "changqing-web"}))),
        ("no audience", forge.with(&json!({"aud": null}))),
        ("another issuer", forge.with(&json!({"iss": "somebody"}))),
        ("no issuer", forge.with(&json!({"iss": null}))),
        ("expired", forge.with(&json!({"exp": now, "iat": now - 600, "nbf": now - 600}))),
        ("no end", forge.with(&json!({"exp": null}))),
        ("an end in words", forge.with(&json!({"exp": "tomorrow"}))),
        ("an end as text", forge.with(&json!({"exp": (now + 600).to_string()}))),
        ("longer than a token lasts", forge.with(&json!({"exp": now + 86_400}))),
        ("not yet", forge.with(&json!({"nbf": now + 60}))),
        ("no beginning", forge.with(&json!({"nbf": null}))),
        ("a beginning as text", forge.with(&json!({"nbf": now.to_string()}))),
        ("of no session", forge.with(&json!({"sid": Uuid::new_v4()}))),
        ("nobody's", forge.with(&json!({"sub": Uuid::new_v4()}))),
        ("no owner", forge.with(&json!({"sub": null}))),
        ("an owner that is no id", forge.with(&json!({"sub": "admin"}))),
        ("proved tomorrow", forge.with(&json!({"auth_time": now + 86_400}))),
        ("issued tomorrow", forge.with(&json!({"iat": now + 86_400}))),
    ]
}

/// Every claim left out, and with values of every other kind.
fn claims_of_other_kinds(forge: &Forge) -> Vec<(String, String)> {
    let mut tokens = Vec::new();
    for (name, right) in forge.claims.as_object().unwrap() {
        let others = [
            json!(null),
            json!(true),
            json!([]),
            json!([right]),
            json!({"value": right}),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!(""),
            json!(format!("{right} ")),
            json!("\u{0}"),
            json!(i64::MAX),
            json!(i64::MIN),
        ];
        for other in others {
            tokens.push((format!("{name} as {other}"), forge.with(&json!({name: other}))));
        }
    }
    tokens
}

/// Headers that name other algorithms, other keys, or places to fetch keys from.
fn headers(forge: &Forge) -> Vec<(String, String)> {
    let right = forge.with(&json!({}));
    let signature = right.rsplit('.').next().unwrap();
    let header = |changes: Value| {
        let mut header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": forge.kid});
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        header
    };
    let mut headers = Vec::new();
    for algorithm in [
        "none", "None", "nOnE", "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "Ed25519",
        "eddsa", "EdDSA ", "",
    ] {
        headers.push(header(json!({"alg": algorithm})));
    }
    for kid in [
        "",
        "0",
        "0001",
        "0001.pem",
        "../keys/0001.pem",
        "/dev/null",
        "/etc/passwd",
        "' OR 1=1 --",
        "http://127.0.0.1/key",
        "*",
        "\u{0}",
    ] {
        headers.push(header(json!({"kid": kid})));
    }
    for kid in [json!(null), json!(1), json!([forge.kid]), json!({"kid": forge.kid})] {
        headers.push(header(json!({"kid": kid})));
    }
    for kind in ["JWT", "at+JWT ", "rt+jwt", "application/at+jwt", ""] {
        headers.push(header(json!({"typ": kind})));
    }
    let stranger = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let public = URL_SAFE_NO_PAD.encode(aws_lc_rs::signature::KeyPair::public_key(&stranger).as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": public, "kid": forge.kid});
    let mut tokens: Vec<_> =
        headers.iter().flat_map(|header| [forge.by_hand(header, signature), forge.by_hand(header, "")]).collect();
    // Signed by the stranger, whose key the header brings along.
    for brought in [
        json!({"jwk": key}),
        json!({"jku": "http://127.0.0.1/jwks.json"}),
        json!({"x5u": "http://127.0.0.1/key.pem"}),
        json!({"x5c": [public]}),
        json!({"jwk": key, "kid": null}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"kid": public}),
    ] {
        let unsigned = forge.by_hand(&header(brought), "");
        let unsigned = unsigned.trim_end_matches('.');
        let signature = URL_SAFE_NO_PAD.encode(stranger.sign(unsigned.as_bytes()));
        tokens.push(format!("{unsigned}.{signature}"));
    }
    tokens.into_iter().map(|token| (token.clone(), token)).collect()
}

/// Each byte of the signature changed.
fn signatures(forge: &Forge) -> Vec<(String, String)> {
    let right = forge.with(&json!({}));
    let (body, signature) = right.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let changed = (0..signature.len()).map(|place| {
        let mut changed = signature.clone();
        changed[place] ^= 1;
        (format!("signature byte {place}"), format!("{body}.{}", URL_SAFE_NO_PAD.encode(changed)))
    });
    changed.collect()
}

fn wrong_forms(forge: &Forge) -> Vec<(&'static str, String)> {
    let claims = &forge.claims;
    let right = forge.with(&json!({}));
    let header = |change: &dyn Fn(&mut Header)| {
        let mut header = forge.header();
        change(&mut header);
        header
    };
    let symmetric = header(&|header| header.alg = Algorithm::HS256);
    let hashed = |secret: &[u8]| encode(&symmetric, claims, &EncodingKey::from_secret(secret)).unwrap();
    let stranger = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let stranger = EncodingKey::from_ed_der(stranger.to_pkcs8v1().unwrap().as_ref());
    let (body, signature) = right.rsplit_once('.').unwrap();
    let none = json!({"alg": "none", "typ": "at+jwt", "kid": forge.kid});
    vec![
        ("no algorithm", forge.by_hand(&none, "")),
        ("no algorithm, old signature", forge.by_hand(&none, signature)),
        ("NONE", forge.by_hand(&json!({"alg": "NONE", "typ": "at+jwt", "kid": forge.kid}), "")),
        ("hashed with the public key as text", hashed(forge.public.as_bytes())),
        ("hashed with the public key", hashed(&URL_SAFE_NO_PAD.decode(&forge.public).unwrap())),
        ("hashed with nothing", hashed(b"")),
        ("a stranger's signature", encode(&forge.header(), claims, &stranger).unwrap()),
        ("another type", forge.sign(&header(&|header| header.typ = Some("JWT".to_owned())), claims)),
        ("no type", forge.sign(&header(&|header| header.typ = None), claims)),
        ("an unknown key", forge.sign(&header(&|header| header.kid = Some("0002".to_owned())), claims)),
        ("a path as key", forge.sign(&header(&|header| header.kid = Some("../../etc/passwd".to_owned())), claims)),
        ("no key", forge.sign(&header(&|header| header.kid = None), claims)),
        ("no signature", format!("{body}.")),
        ("cut off", body.to_owned()),
        ("other claims under the signature", {
            let (head, _) = body.split_once('.').unwrap();
            let mut admin = claims.clone();
            admin["sub"] = json!(Uuid::nil());
            format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(admin.to_string()))
        }),
        ("five parts", format!("{right}.{signature}.{signature}")),
        ("words", "let me in".to_owned()),
    ]
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let forge = Forge::new(&app, &admin).await;
    let ask = async |token: &str| {
        let request = app.anonymous().request(Method::GET, "/me");
        Answer::of(request.header("authorization", format!("Bearer {token}"))).await
    };
    // What is changed below is good before it is changed.
    ask(&forge.with(&json!({}))).await.expect(200);
    let mut bodies = Vec::new();
    let named = wrong_forms(&forge).into_iter().chain(wrong_claims(&forge, app.clock.now().unix_timestamp()));
    let forged: Vec<(String, String)> = named
        .map(|(how, token)| (how.to_owned(), token))
        .chain(claims_of_other_kinds(&forge))
        .chain(headers(&forge))
        .chain(signatures(&forge))
        .collect();
    assert!(forged.len() >= 200, "{}", forged.len());
    for (how, token) in forged {
        let answer = ask(&token).await;
        assert_eq!(answer.status, 401, "{how}: {}", answer.body);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{how}");
        let mut body = answer.expect_problem(401, "token_invalid");
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:#?}");
}

#[tokio::test]
async fn other_ways_to_say_who_one_is_are_not_heard() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let token = admin.token();
    for header in [format!("Basic {token}"), token.clone(), format!("Bearer{token}"), "Bearer".to_owned()] {
        let answer = Answer::of(app.anonymous().request(Method::GET, "/me").header("authorization", &header)).await;
        assert_eq!(answer.status, 401, "{header}");
    }
    let in_the_address = app.anonymous().get(&format!("/me?access_token={token}")).await;
    in_the_address.expect_problem(401, "not_logged_in");
}
