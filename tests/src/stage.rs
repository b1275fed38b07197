//! The stage of the browser suites: the clinic's page on an origin of its own, and its tenant.

use std::sync::Arc;

use serde_json::json;
use slotstead_shared::Region;
use xtask::site::Site;

use crate::{
    browser::{Driver, Window},
    server::Server,
    tenant::{TestTenant, ZONE},
};

/// The service that the clinic's page names.
pub const CONSULTATION: &str = "first-consultation";
/// Where test visitors live: an hour behind the clinic, all year.
pub const VISITOR_ZONE: &str = "Europe/London";

/// A page that carries the widget, the tenant behind it, and a driver for its visitors.
pub struct Stage {
    /// The clinic.
    pub tenant: TestTenant,
    /// The origin with the page.
    pub site: Site,
    /// Starts visitors' browsers.
    pub driver: Driver,
    _server: Option<Arc<Server>>,
}

impl Stage {
    /// Sets it up on the server that the binary's tests share.
    pub async fn new() -> Self {
        let server = Server::shared();
        let stage = Self::on(&server).await;
        Self {
            _server: Some(server),
            ..stage
        }
    }

    /// Sets it up on a server of the test's own.
    pub async fn on(server: &Server) -> Self {
        let root = xtask::paths::root().join("www/public");
        let site = Site::start(&root, 0, []).expect("loopback has free ports");
        let tenant = TestTenant::on_page(&server.client(), Region::Eu, &site.origin()).await;
        furnish(&tenant).await;
        site.replace("edge", server.stack.origin());
        site.replace("tenant_eu", tenant.id.as_str());
        site.replace("tenant_us", tenant.id.as_str());
        Self {
            tenant,
            site,
            driver: Driver::start().await,
            _server: None,
        }
    }

    /// A visitor who has opened the clinic's page.
    pub async fn visitor(&self, size: (u32, u32)) -> Window {
        let window = self.driver.open(size, VISITOR_ZONE).await;
        window.goto(&self.page("demo.html")).await;
        window
    }

    /// Puts a page with nothing but the widget of one service on the site; its address.
    #[must_use]
    pub fn bare_page(&self, service: &str, theme: &str) -> String {
        let (edge, tenant) = (&self.tenant.client.base, &self.tenant.id);
        let page = format!(
            "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>Bare</title>\
             <link rel=icon href=fjord.svg><style>:root {{ color-scheme: light dark }} body {{ margin: 16px; font: 16px/1.5 system-ui, sans-serif }}</style>\
             <main><h1>{service}</h1><script async src=\"{edge}/embed.js\" data-tenant=\"{tenant}\" \
             data-service=\"{service}\" data-theme=\"{theme}\"></script></main>"
        );
        let name = format!("bare-{service}-{theme}.html");
        self.site
            .put(&format!("/{name}"), page, "text/html; charset=utf-8");
        self.page(&name)
    }

    /// A page's address.
    #[must_use]
    pub fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.site.origin())
    }
}

/// What is wrong, over all the steps of a test: one run tells everything.
#[derive(Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    /// What holds in every step: nothing serious for axe-core, nothing moved, nothing complained
    /// about, nothing kept, nobody else asked. And a picture is taken.
    pub async fn look(&mut self, stage: &Stage, window: &Window, picture: &str) {
        window.screenshot(picture).await;
        let ours = [stage.tenant.client.base.clone(), stage.site.origin()];
        let mut strangers = window.origins_asked().await;
        strangers.retain(|origin| !ours.contains(origin));
        for (kind, found) in [
            ("accessibility", window.accessibility_faults().await),
            ("layout shift", window.layout_shifts().await),
            ("console", window.complaints().await),
            ("kept in the browser", window.kept().await),
            ("asked", strangers),
        ] {
            let short = |fault: &String| fault.chars().take(600).collect::<String>();
            self.0.extend(
                found
                    .iter()
                    .map(|fault| format!("{picture}: {kind}: {}", short(fault))),
            );
        }
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{:#?}", self.0);
        }
    }
}

/// A clinic with one therapist, open from nine to five every day, so that no test depends on the
/// weekday; the widget's own service is the only one with this name.
async fn furnish(tenant: &TestTenant) {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let rules: Vec<_> = days
        .iter()
        .map(|day| json!({ "weekday": day, "start": "09:00", "end": "17:00" }))
        .collect();
    let schedule = json!({ "zone": ZONE, "rules": rules });
    tenant.set_up("schedules/always", &schedule).await;
    let profile = json!({ "name": "Fjord Physiotherapy", "accent": "#14576b" });
    tenant.set_up("profile", &profile).await;
    let consultation = json!({
        "name": "First consultation",
        "description": "We talk, examine, and make a plan.",
        "location": "Storgata 12, Oslo",
        "duration_minutes": 45,
        "slot_step_minutes": 45,
        "buffer_after_minutes": 15,
        "minimum_notice_minutes": 60,
        "booking_window_days": 60,
        "hosts": ["ingrid"],
    });
    tenant
        .set_up(&format!("services/{CONSULTATION}"), &consultation)
        .await;
    let phone = json!({ "label": "Phone", "kind": "phone", "position": 1 });
    tenant.set_up("fields/phone", &phone).await;
    let note = json!({ "label": "What should we know?", "kind": "long_text", "position": 2 });
    tenant.set_up("fields/note", &note).await;
}
