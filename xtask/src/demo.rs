//! The demo tenants, made through the public API and nothing else: what is here is what any
//! owner could send.

mod data;

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use self::data::Business;
use crate::{
    fingerprint::Fingerprint,
    http::{Client, With},
};

/// How long the first reading of the demo feed may take.
const FEED_SECONDS: u64 = 20;

/// A tenant that was signed up, with its owner's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub tenant: String,
    /// The owner's token.
    pub token: String,
}

/// The demo tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// Harbor Cycle Works, pinned to the US.
    pub us: Account,
    /// Fjord Physiotherapy, pinned to the EU.
    pub eu: Account,
    /// Molonglo Optics, pinned to Canberra; none where there is no region server.
    pub cbr: Option<Account>,
}

/// Finds the demo tenants noted in `file` or signs them up, and sends their set-up if it is
/// new. `site` is the origin of the pages and of the calendar feed; `canberra` says whether there is a
/// region server.
pub fn prepare(
    client: &Client,
    operator_key: &str,
    site: &str,
    file: &Path,
    canberra: bool,
) -> Result<Demo> {
    let mut note = match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; start again with --fresh", file.display()))?,
        Err(_) => json!({}),
    };
    let mut prepared = |business: Business| -> Result<Account> {
        let account = account(client, operator_key, &business, &mut note, file)?;
        // Everything is PUT, so a set-up that was interrupted is simply sent again.
        let sent = business.fingerprint(site);
        if note[business.region]["sent"] != sent.as_str() {
            send(client, &account, &business, site)?;
            note[business.region]["sent"] = sent.into();
            write(file, &note)?;
        }
        Ok(account)
    };
    Ok(Demo {
        us: prepared(data::harbor())?,
        eu: prepared(data::fjord(site))?,
        cbr: canberra.then(|| prepared(data::molonglo())).transpose()?,
    })
}

/// Signs the EU's demo tenant up once more, in another region: what a region host does for it can be put
/// next to what another does for the first.
pub fn twin(client: &Client, operator_key: &str, site: &str, region: &str) -> Result<Account> {
    let business = data::fjord(site);
    let account = sign_up(client, operator_key, &business.profile["name"], region)?;
    send(client, &account, &business, site)?;
    Ok(account)
}

/// The noted account, or a new one, noted before anything else can fail.
fn account(
    client: &Client,
    operator_key: &str,
    business: &Business,
    note: &mut Value,
    file: &Path,
) -> Result<Account> {
    let known = &note[business.region];
    if let (Some(tenant), Some(token)) = (known["tenant"].as_str(), known["token"].as_str()) {
        return Ok(Account {
            tenant: tenant.to_owned(),
            token: token.to_owned(),
        });
    }
    let name = &business.profile["name"];
    let account = sign_up(client, operator_key, name, business.region)?;
    note[business.region] = json!({ "tenant": account.tenant, "token": account.token });
    write(file, note)?;
    Ok(account)
}

/// Signs a business of this name up in `region`.
pub fn sign_up(client: &Client, operator_key: &str, name: &Value, region: &str) -> Result<Account> {
    let with = With {
        bearer: Some(operator_key),
        ..With::default()
    };
    let body = json!({ "name": name, "region": region });
    let signed_up = client
        .expect("POST", "/v1/tenants", with, Some(&body))
        .context("a tenant could not sign up")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Account {
        tenant: text(&signed_up["tenant"]).context("the sign-up gave no tenant")?,
        token: text(&signed_up["token"]["secret"]).context("the sign-up gave no token")?,
    })
}

fn send(client: &Client, account: &Account, business: &Business, site: &str) -> Result<()> {
    let with = With {
        bearer: Some(&account.token),
        ..With::default()
    };
    let put = |path: &str, body: &Value| {
        client.expect(
            "PUT",
            &format!("/v1/{}/{path}", account.tenant),
            with,
            Some(body),
        )
    };
    put("profile", &business.profile)?;
    put("origins", &json!({ "origins": [site] }))?;
    for (path, body) in &business.things {
        put(path, body)?;
    }
    Ok(())
}

impl Business {
    fn fingerprint(&self, site: &str) -> String {
        let mut print = Fingerprint::default();
        print.word(site).word(&self.profile.to_string());
        for (path, body) in &self.things {
            print.word(path).word(&body.to_string());
        }
        print.finish()
    }
}

fn write(file: &Path, note: &Value) -> Result<()> {
    let partial = file.with_extension("partial");
    fs::write(&partial, format!("{note:#}\n"))?;
    fs::rename(&partial, file)?;
    Ok(())
}

/// Waits until the demo feed has been read, so that the first visitor sees times. Until then
/// its host offers nothing, because unknown means busy.
pub fn wait_for_feed(client: &Client, account: &Account) -> Result<()> {
    let with = With {
        bearer: Some(&account.token),
        ..With::default()
    };
    let path = format!("/v1/{}/feeds", account.tenant);
    let deadline = Instant::now() + Duration::from_secs(FEED_SECONDS);
    loop {
        let feeds = client.expect("GET", &path, with, None)?;
        let all = feeds["items"]
            .as_array()
            .context("the feeds are not a list")?;
        if all.iter().all(|feed| feed["status"] == "current") {
            return Ok(());
        }
        if Instant::now() > deadline {
            let why = all
                .iter()
                .find_map(|feed| feed["error"].as_str())
                .unwrap_or("no reason given");
            bail!("the demo calendar was not read within {FEED_SECONDS} seconds: {why}");
        }
        thread::sleep(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_up_is_sent_again_when_it_or_the_site_changes() {
        let here = data::fjord("http://localhost:1");
        let there = data::fjord("http://localhost:2");
        assert_eq!(
            here.fingerprint("a"),
            data::fjord("http://localhost:1").fingerprint("a")
        );
        assert_ne!(here.fingerprint("a"), there.fingerprint("a"));
        assert_ne!(here.fingerprint("a"), here.fingerprint("b"));
    }

    #[test]
    fn every_thing_names_only_things_sent_before_it() {
        for business in [
            data::harbor(),
            data::fjord("http://localhost:1"),
            data::molonglo(),
        ] {
            let mut sent: Vec<&str> = Vec::new();
            for (path, body) in &business.things {
                let mut named: Vec<String> = Vec::new();
                for host in body["hosts"].as_array().into_iter().flatten() {
                    named.push(format!("hosts/{}", host.as_str().unwrap()));
                }
                named.extend(
                    body["schedule"]
                        .as_str()
                        .map(|id| format!("schedules/{id}")),
                );
                for need in body["resources"].as_array().into_iter().flatten() {
                    for resource in need["any_of"].as_array().into_iter().flatten() {
                        named.push(format!("resources/{}", resource.as_str().unwrap()));
                    }
                }
                named.extend(body["host"].as_str().map(|id| format!("hosts/{id}")));
                for name in named {
                    assert!(sent.contains(&name.as_str()), "{path} names {name}");
                }
                assert!(!sent.contains(&path.as_str()), "{path} is sent twice");
                sent.push(path);
            }
        }
    }
}
