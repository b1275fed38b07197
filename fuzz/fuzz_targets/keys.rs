//! Ids, stamps and tokens: what is printed is what was read, and nothing unsigned is accepted.
//!
//! Properties:
//! - an id, a date, a time or a stamp that parses prints a text that parses to the same value;
//!   ids print exactly the text they were read from, by `FromStr` and by serde alike;
//! - a tenant's id is genuine only when this key made it, and a changed one is not;
//! - a token that was signed is accepted, says what was signed, and ends when it ends;
//! - no other text is accepted: not a changed token, not one with parts of two, not one with
//!   another algorithm in its header, not one signed with another key.
#![no_main]

use std::{cell::RefCell, fmt::Display, str::FromStr};

use arbitrary::Arbitrary;
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Encoder};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use slotstead_shared::{
    Date, Region, Stamp, TenantId, UnixSeconds,
    ids::{BookingId, FeedId, FieldId, HoldId, HostId, ResourceId, ScheduleId, ServiceId, TokenId},
    wire::Scope,
};
use slotstead_worker::{
    keys::IdKey,
    token::{Grant, TokenError, TokenKey},
};

const NOW: UnixSeconds = 1_803_880_800;

#[derive(Arbitrary, Debug)]
enum Case {
    Text(String),
    Tenant {
        random: [u8; 16],
        region: u8,
        edits: Vec<Edit>,
    },
    Token {
        grant: Kind,
        lasts: Option<u16>,
        later: u16,
        edits: Vec<Edit>,
    },
    /// A token put together by hand, with a genuine signature of something else.
    Made {
        header: Header,
        payload: Payload,
        signature: Signature,
    },
}

/// One change of a text, at a place of it.
#[derive(Arbitrary, Debug)]
enum Edit {
    Set(u16, u8),
    Remove(u16),
    Insert(u16, u8),
    Cut(u16),
    Double,
    Case(u16),
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Kind {
    Session,
    Owner { scopes: u8 },
    Capability { change: bool, bound: bool },
}

#[derive(Arbitrary, Debug)]
enum Header {
    Genuine,
    Algorithm(u8),
    Text(String),
}

#[derive(Arbitrary, Debug)]
enum Payload {
    Genuine,
    OfAnother(Kind),
    Text(String),
}

#[derive(Arbitrary, Debug)]
enum Signature {
    Genuine,
    Empty,
    OfAnotherKey,
    Bytes(Vec<u8>),
}

thread_local! {
    /// Neither makes anything: whatever they take for their own was guessed. (Of what the keys below
    /// make, the fuzzer learns the text from comparisons and tries it again.)
    static UNUSED: (TokenKey, IdKey) = (TokenKey::new(&[7; 32]), IdKey::new([8; 32]));
    static KEYS: (TokenKey, TokenKey, IdKey) =
        (TokenKey::new(&[1; 32]), TokenKey::new(&[2; 32]), IdKey::new([3; 32]));
    /// Signed by the run before, so that memory of genuine tokens is tried as well.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for edit in edits.iter().take(8) {
        let place = |at: u16, len: usize| usize::from(at) % len.max(1);
        let len = bytes.len();
        match *edit {
            Edit::Set(at, byte) if len > 0 => bytes[place(at, len)] = byte % 128,
            Edit::Remove(at) if len > 0 => drop(bytes.remove(place(at, len))),
            Edit::Insert(at, byte) => bytes.insert(place(at, len), byte % 128),
            Edit::Cut(at) => bytes.truncate(place(at, len)),
            Edit::Double if len < 4_096 => bytes.extend_from_within(..),
            Edit::Case(at) if len > 0 => bytes[place(at, len)] ^= 0x20,
            _ => {}
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// What is read prints a text that reads as the same value.
fn round_trip<T: FromStr + Display + PartialEq + std::fmt::Debug>(text: &str) -> Option<String> {
    let value: T = text.parse().ok()?;
    let printed = value.to_string();
    assert_eq!(
        printed.parse().ok(),
        Some(value),
        "{text} was printed as {printed}"
    );
    Some(printed)
}

fn id<T>(text: &str)
where
    T: FromStr
        + Display
        + PartialEq
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + serde::Serialize,
{
    if let Some(printed) = round_trip::<T>(text) {
        assert_eq!(printed, text);
    }
    let through_json: Option<T> = serde_json::from_value(Value::String(text.to_owned())).ok();
    assert_eq!(through_json, text.parse().ok(), "serde and FromStr differ");
    if let Some(value) = through_json {
        assert_eq!(
            serde_json::to_value(value).ok(),
            Some(Value::String(text.to_owned()))
        );
    }
}

fn texts(text: &str) {
    id::<TenantId>(text);
    id::<BookingId>(text);
    id::<HoldId>(text);
    id::<TokenId>(text);
    id::<ServiceId>(text);
    id::<HostId>(text);
    id::<ResourceId>(text);
    id::<ScheduleId>(text);
    id::<FieldId>(text);
    id::<FeedId>(text);
    round_trip::<Date>(text);
    round_trip::<Stamp>(text);
    UNUSED.with(|(key, ids)| {
        assert_eq!(key.check(text, NOW), Err(TokenError::Forged));
        if let Ok(tenant) = text.parse() {
            // 80 bits of tag: nobody guesses one.
            assert!(!ids.is_genuine(&tenant), "a tag was guessed");
        }
    });
}

fn grant(kind: Kind, ids: &IdKey) -> Grant {
    let tenant = ids.new_tenant(Region::Eu, [9; 16]);
    match kind {
        Kind::Session => Grant::Session {
            tenant,
            origin: "https://fjord.example".into(),
            session: "s".into(),
        },
        Kind::Owner { scopes } => Grant::Owner {
            tenant,
            token: TokenId::from_random([4; 16]),
            scopes: Scope::ALL
                .into_iter()
                .take(usize::from(scopes % 6))
                .collect(),
        },
        Kind::Capability { change, bound } => Grant::Capability {
            tenant,
            booking: BookingId::from_random([5; 16]),
            change,
            origin: bound.then(|| "https://fjord.example".into()),
            token: bound.then(|| TokenId::from_random([6; 16])),
        },
    }
}

fn tokens(kind: Kind, lasts: Option<u16>, later: u16, edits: &[Edit]) {
    KEYS.with(|(key, other, ids)| {
        let grant = grant(kind, ids);
        let ends = lasts.map(|seconds| NOW + i64::from(seconds));
        let token = key.sign(grant.clone(), NOW, ends);
        assert_eq!(other.check(&token, NOW), Err(TokenError::Forged));
        let expected = match (&grant, ends) {
            (Grant::Owner { .. }, None) => Ok(grant),
            (_, None) => Err(TokenError::Forged),
            (_, Some(ends)) if NOW + i64::from(later) < ends => Ok(grant),
            _ => Err(TokenError::Expired(Box::new(grant))),
        };
        // Twice: the second time from memory.
        for _ in 0..2 {
            assert_eq!(key.check(&token, NOW + i64::from(later)), expected);
        }
        let changed = edited(&token, edits);
        let last = LAST.with(|last| last.replace(token.clone()));
        if changed != token && changed != last {
            assert_eq!(
                key.check(&changed, NOW),
                Err(TokenError::Forged),
                "{changed}"
            );
        }
    });
}

fn made(header: &Header, payload: &Payload, signature: &Signature) {
    let encode = |text: &str| Base64UrlSafeNoPadding::encode_to_string(text).unwrap_or_default();
    KEYS.with(|(key, other, ids)| {
        let ends = Some(NOW + 3_600);
        let owner = grant(Kind::Owner { scopes: 1 }, ids);
        let genuine = key.sign(owner.clone(), NOW, ends);
        let parts: Vec<&str> = genuine.split('.').collect();
        let header = match header {
            Header::Genuine => parts[0].to_owned(),
            Header::Algorithm(index) => {
                let names = [
                    "none", "None", "HS256", "ES256", "RS256", "EdDSA", "eddsa", "",
                ];
                let name = names[usize::from(*index) % names.len()];
                encode(&format!(r#"{{"alg":"{name}","typ":"JWT"}}"#))
            }
            Header::Text(text) => encode(text),
        };
        let of = |key: &TokenKey, kind| key.sign(grant(kind, ids), NOW, ends);
        let payload = match payload {
            Payload::Genuine => parts[1].to_owned(),
            Payload::OfAnother(kind) => of(other, *kind)
                .split('.')
                .nth(1)
                .unwrap_or_default()
                .to_owned(),
            Payload::Text(text) => encode(text),
        };
        let signature = match signature {
            Signature::Genuine => parts[2].to_owned(),
            Signature::Empty => String::new(),
            Signature::OfAnotherKey => {
                let signed = other.sign(owner, NOW, ends);
                signed.split('.').nth(2).unwrap_or_default().to_owned()
            }
            Signature::Bytes(bytes) => {
                Base64UrlSafeNoPadding::encode_to_string(bytes).unwrap_or_default()
            }
        };
        let token = format!("{header}.{payload}.{signature}");
        let is_signed = token == genuine;
        assert_eq!(key.check(&token, NOW).is_ok(), is_signed, "{token}");
    });
}

fuzz_target!(|case: Case| {
    match case {
        Case::Text(text) => texts(&text),
        Case::Tenant {
            random,
            region,
            edits,
        } => KEYS.with(|(_, _, ids)| {
            let region = Region::ALL[usize::from(region) % Region::ALL.len()];
            let tenant = ids.new_tenant(region, random);
            assert!(ids.is_genuine(&tenant));
            id::<TenantId>(tenant.as_str());
            let changed = edited(tenant.as_str(), &edits);
            if changed != tenant.as_str() {
                texts(&changed);
                let genuine = changed.parse().is_ok_and(|id| ids.is_genuine(&id));
                assert!(!genuine, "{changed} was made of {tenant}");
            }
        }),
        Case::Token {
            grant,
            lasts,
            later,
            edits,
        } => tokens(grant, lasts, later, &edits),
        Case::Made {
            header,
            payload,
            signature,
        } => made(&header, &payload, &signature),
    }
});
