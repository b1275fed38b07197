//! Tokens that the edge did not make, and tokens as it would have made them at another time.
//!
//! Written from RFC 7515 and RFC 2104 and not with the edge's own code, which is on trial.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::Server;

/// Whoever has the server's key; and what can be done without it.
pub struct Forger {
    key: Vec<u8>,
}

impl Forger {
    /// With the key of this server.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let key = BASE64URL_NOPAD
            .decode(server.stack.token_key().as_bytes())
            .expect("the key is base64url");
        Self { key }
    }

    /// A token with these claims as the edge would sign it.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        signed(&self.key, claims)
    }

    /// The same token, which ended a minute ago.
    #[must_use]
    pub fn expired(&self, token: &str) -> String {
        let mut claims = claims(token);
        claims["exp"] = json!(crate::tenant::now() - 60);
        self.sign(&claims)
    }

    /// Every way to make a token of `token`'s claims without the key, by name.
    #[must_use]
    pub fn forgeries(&self, token: &str) -> Vec<(&'static str, String)> {
        let claims = claims(token);
        let (head, rest) = token.split_once('.').expect("a token has three parts");
        let (body, signature) = rest.split_once('.').expect("a token has three parts");
        let mut more = claims.clone();
        more["scopes"] = json!(slotstead_shared::wire::Scope::ALL);
        more["change"] = json!(true);
        let none = |name| format!("{}.{body}.", encoded(&json!({ "alg": name, "typ": "JWT" })));
        let other = [7; 32];
        let brought = json!({ "kty": "oct", "k": BASE64URL_NOPAD.encode(&other) });
        let brought = json!({ "alg": "HS256", "typ": "JWT", "jwk": brought });
        let under = |head: &Value, key: &[u8]| {
            let text = format!("{}.{body}", encoded(head));
            format!("{text}.{}", signature_of(key, &text))
        };
        vec![
            ("a flipped bit in the signature", flipped(token)),
            ("no signature", format!("{head}.{body}.")),
            ("two parts", format!("{head}.{body}")),
            ("alg none", none("none")),
            ("alg None", none("None")),
            ("an empty key", signed(&[], &claims)),
            ("another key", signed(&other, &claims)),
            ("another key, brought along", under(&brought, &other)),
            ("another algorithm's name under the right key", {
                under(&json!({ "alg": "EdDSA", "typ": "JWT" }), &self.key)
            }),
            ("more claims under the old signature", {
                format!("{head}.{}.{signature}", encoded(&more))
            }),
            ("the signature of another text", {
                format!("{head}.{body}.{}", signature_of(&self.key, "nothing"))
            }),
        ]
    }
}

/// What a token says.
#[must_use]
pub fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a token has three parts");
    let bytes = BASE64URL_NOPAD
        .decode(body.as_bytes())
        .expect("a token's claims are base64url");
    serde_json::from_slice(&bytes).expect("a token's claims are JSON")
}

fn signed(key: &[u8], claims: &Value) -> String {
    let header = encoded(&json!({ "alg": "HS256", "typ": "JWT" }));
    let text = format!("{header}.{}", encoded(claims));
    format!("{text}.{}", signature_of(key, &text))
}

fn signature_of(key: &[u8], text: &str) -> String {
    BASE64URL_NOPAD.encode(&hmac_sha256::HMAC::mac(text.as_bytes(), key))
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// The token with one character of its signature changed: not the last, whose low bits may be padding.
fn flipped(token: &str) -> String {
    let at = token.len() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}
