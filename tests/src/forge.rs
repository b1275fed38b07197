//! Tokens that the edge did not make, and tokens as it would have made them at another time.
//!
//! Written from RFC 7515 and RFC 8032 and not with the edge's own code, which is on trial.

use data_encoding::BASE64URL_NOPAD;
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};

use crate::Server;

/// Whoever has the server's key; and what can be done without it.
pub struct Forger {
    key: KeyPair,
}

impl Forger {
    /// With the key of this server.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let seed = BASE64URL_NOPAD
            .decode(server.stack.token_seed().as_bytes())
            .expect("the seed is base64url");
        Self {
            key: KeyPair::from_seed(Seed::from_slice(&seed).expect("the seed has 32 bytes")),
        }
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
        let other = KeyPair::from_seed(Seed::new([7; 32]));
        let other_public = json!({ "kty": "OKP", "crv": "Ed25519",
            "x": BASE64URL_NOPAD.encode(&*other.pk) });
        let own_key = json!({ "alg": "EdDSA", "typ": "JWT", "jwk": other_public });
        vec![
            ("a flipped bit in the signature", flipped(token)),
            ("no signature", format!("{head}.{body}.")),
            ("two parts", format!("{head}.{body}")),
            ("alg none", none("none")),
            ("alg None", none("None")),
            ("HS256 with the public key", self.by_hmac(body)),
            ("another key", signed(&other, &claims)),
            ("another key, brought along", {
                let text = format!("{}.{body}", encoded(&own_key));
                format!("{text}.{}", signature_of(&other, &text))
            }),
            ("more claims under the old signature", {
                format!("{head}.{}.{signature}", encoded(&more))
            }),
            ("the signature of another text", {
                format!("{head}.{body}.{}", signature_of(&self.key, "nothing"))
            }),
        ]
    }

    /// The old mistake: a public key taken for a shared secret.
    fn by_hmac(&self, body: &str) -> String {
        let text = format!(
            "{}.{body}",
            encoded(&json!({ "alg": "HS256", "typ": "JWT" }))
        );
        let mac = hmac_sha256::HMAC::mac(text.as_bytes(), *self.key.pk);
        format!("{text}.{}", BASE64URL_NOPAD.encode(&mac))
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

fn signed(key: &KeyPair, claims: &Value) -> String {
    let header = encoded(&json!({ "alg": "EdDSA", "typ": "JWT" }));
    let text = format!("{header}.{}", encoded(claims));
    format!("{text}.{}", signature_of(key, &text))
}

fn signature_of(key: &KeyPair, text: &str) -> String {
    BASE64URL_NOPAD.encode(&*key.sk.sign(text.as_bytes(), None))
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
