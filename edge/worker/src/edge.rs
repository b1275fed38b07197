//! One request from beginning to end: HTTPS, place, tag, token, handler, headers, log line.

use slotstead_shared::ids::encode_id;
use slotstead_tenant::{Call, Refusal, Reply};

use crate::{
    auth::{Presented, Stranger},
    config::Config,
    cors,
    exchange::{Content, Incoming, Method, Outgoing},
    handlers::{self, Context},
    https,
    log::Line,
    platform::{Finished, Platform},
    problem::{self, Failure, Retry},
    routes::{self, Matched, Place, Route},
};

/// What a handler gives.
pub type Handled = Result<Outgoing, Failure>;

/// What is told about a place in the log.
#[derive(Default, Clone, Copy)]
struct Told {
    route: Option<&'static str>,
    region: Option<&'static str>,
}

/// The edge.
#[derive(Clone)]
pub struct Edge {
    /// What it works with.
    pub config: Config,
}

impl Edge {
    /// Answers a request. The second part is what the log says of it, but for its duration.
    pub async fn answer(
        &self,
        platform: &impl Platform,
        incoming: &Incoming,
    ) -> (Outgoing, Written) {
        let request_id = encode_id(&platform.random());
        let mut told = Told::default();
        let result = self.handle(platform, incoming, &mut told).await;
        let (outgoing, error) = finish(incoming, result, &request_id);
        let written = Written {
            request_id,
            method: incoming.method,
            told,
            status: outgoing.status,
            error,
        };
        (outgoing, written)
    }

    async fn handle(
        &self,
        platform: &impl Platform,
        incoming: &Incoming,
        told: &mut Told,
    ) -> Result<Outgoing, (Failure, Option<String>)> {
        let plain = |failure| (failure, None);
        if let Err(instead) = https::admit(&self.config, incoming) {
            return instead.map_err(plain);
        }
        let place = routes::find(&incoming.path).map_err(|nowhere| plain(nowhere.into()))?;
        if let Some(tenant) = &place.tenant {
            // Before anything is said of what is there (R21).
            if !self.config.id_key.is_genuine(tenant) {
                return Err(plain(Failure::NotFound));
            }
            told.region = Some(tenant.region().as_str());
        }
        told.route = Some(place.template);
        let context = Context {
            config: &self.config,
            platform,
            incoming,
            now: platform.now(),
        };
        route(&context, place).await
    }
}

/// Sends a request where it leads. A failure comes with the origin that may read it.
async fn route<P: Platform>(
    context: &Context<'_, P>,
    place: Place,
) -> Result<Outgoing, (Failure, Option<String>)> {
    let tenant = place.tenant.clone();
    let plain = |failure| (failure, None);
    let stranger = || {
        let tenant = tenant.clone().ok_or(Failure::NotFound)?;
        Stranger::of(context.config, context.incoming, tenant, context.now)
    };
    match place.at(context.incoming.method) {
        Matched::MethodNotAllowed { allow } => Err(plain(Failure::MethodNotAllowed { allow })),
        Matched::Options { for_pages, allow } => {
            if !for_pages || context.incoming.origin().is_none() {
                return Ok(Outgoing::done().with("allow", allow));
            }
            let stranger = stranger().map_err(plain)?;
            context
                .call(&stranger.check_origin(), Retry::Freely)
                .await
                .map_err(plain)?;
            Ok(cors::preflight(stranger.origin(), &allow))
        }
        Matched::Route(Route::Open(open)) => {
            handlers::open(context, &open, tenant.as_ref()).map_err(plain)
        }
        Matched::Route(Route::SignUp) => handlers::tenants::sign_up(context).await.map_err(plain),
        Matched::Route(Route::OpenSession) => {
            let stranger = stranger().map_err(plain)?;
            let readable =
                |failure: &Failure| page_may_read(failure).then(|| stranger.origin().to_owned());
            match handlers::sessions::open(context, &stranger).await {
                Ok(outgoing) => Ok(cors::allow(outgoing, stranger.origin())),
                Err(failure) => Err((failure.clone(), readable(&failure))),
            }
        }
        Matched::Route(Route::Inside(may, inside)) => {
            let tenant = tenant.ok_or(plain(Failure::NotFound))?;
            let presented = Presented::of(context.config, context.incoming, context.now);
            let origin = presented
                .origin()
                .filter(|bound| may.is_for_pages() && context.incoming.origin() == Some(bound))
                .map(str::to_owned);
            let checked = presented.check(
                context.config,
                context.incoming,
                &tenant,
                (may, &inside),
                context.now,
            );
            let handled = match checked {
                Ok(scope) => handlers::inside(context, &scope, inside).await,
                Err(failure) => Err(failure),
            };
            match (handled, origin) {
                (Ok(outgoing), Some(origin)) => Ok(cors::allow(outgoing, &origin)),
                (Ok(outgoing), None) => Ok(outgoing),
                (Err(failure), origin) => {
                    let origin =
                        origin.filter(|_| failure != Failure::Refused(Refusal::OriginNotAllowed));
                    Err((failure, origin))
                }
            }
        }
    }
}

/// Whether a page without a session may read why it got none: only when the tenant has said that
/// it allows the page's origin, which it does before it counts calls.
fn page_may_read(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(Refusal::RateLimited { .. }))
}

/// The parts of an answer that every request gets.
fn finish(
    incoming: &Incoming,
    result: Result<Outgoing, (Failure, Option<String>)>,
    request_id: &str,
) -> (Outgoing, Option<String>) {
    let (mut outgoing, error) = match result {
        Ok(outgoing) => (outgoing, None),
        Err((failure, origin)) => {
            let outgoing = problem::answer(&failure, request_id);
            let outgoing = match &origin {
                Some(origin) => cors::allow(outgoing, origin),
                None => outgoing,
            };
            (outgoing, problem::log_detail(&failure))
        }
    };
    outgoing = outgoing
        .with("x-request-id", request_id)
        .with("x-content-type-options", "nosniff");
    if incoming.https {
        outgoing = outgoing.with("strict-transport-security", https::HSTS);
    }
    if incoming.path.starts_with("/v1/") {
        // Whatever was answered, it may differ for another page.
        outgoing = outgoing.with("vary", "Origin");
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        if outgoing.header(name).is_none() {
            outgoing = outgoing.with(name, value);
        }
    }
    if incoming.method == Method::Head {
        outgoing.content = Content::Empty;
    }
    (outgoing, error)
}

/// The answer of an edge that is configured wrongly, whatever is asked.
#[must_use]
pub fn misconfigured(incoming: &Incoming, random: [u8; 16]) -> (Outgoing, Written) {
    without_place(incoming, Failure::Misconfigured, random)
}

/// The answer to a request whose address is none: two hosts, a host with a space, `OPTIONS *`.
#[must_use]
pub fn unreadable(method: Method, random: [u8; 16]) -> (Outgoing, Written) {
    let incoming = Incoming {
        method,
        https: false,
        host: String::new(),
        path: String::new(),
        query: String::new(),
        headers: Vec::new(),
        body: Ok(Vec::new()),
    };
    let failure = Failure::InvalidRequest {
        detail: "The address and the header Host together are no address".to_owned(),
        field: Some("Host"),
    };
    without_place(&incoming, failure, random)
}

/// A failure before it is known what was asked.
fn without_place(incoming: &Incoming, failure: Failure, random: [u8; 16]) -> (Outgoing, Written) {
    let request_id = encode_id(&random);
    let (outgoing, error) = finish(incoming, Err((failure, None)), &request_id);
    let written = Written {
        request_id,
        method: incoming.method,
        told: Told::default(),
        status: outgoing.status,
        error,
    };
    (outgoing, written)
}

/// What the log says of a request.
pub struct Written {
    request_id: String,
    method: Method,
    told: Told,
    status: u16,
    error: Option<String>,
}

impl Written {
    /// The log line of a request that took this long.
    #[must_use]
    pub fn line(&self, duration_ms: i64) -> String {
        Line {
            request: &self.request_id,
            method: self.method.as_str(),
            route: self.told.route.unwrap_or("none"),
            status: self.status,
            duration_ms,
            region: self.told.region,
            error: self.error.clone(),
        }
        .text()
    }
}

impl<P: Platform> Context<'_, P> {
    /// Calls the tenant. `retry` says what the caller can do when the answer is lost.
    pub(crate) async fn call(&self, call: &Call, retry: Retry) -> Result<Reply, Failure> {
        match self.platform.call(call).await {
            Ok(answer) => Ok(answer?),
            Err(error) => Err(Failure::Region { error, retry }),
        }
    }

    /// The same for a reply that goes out as it is.
    pub(crate) async fn call_for_body(
        &self,
        call: &Call,
        retry: Retry,
    ) -> Result<Finished, Failure> {
        match self.platform.call_for_body(call).await {
            Ok(finished) => Ok(finished?),
            Err(error) => Err(Failure::Region { error, retry }),
        }
    }
}
