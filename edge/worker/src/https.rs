//! HTTPS only (R13): over plain HTTP a page is redirected and an API call gets a problem, nothing else.
//! With the development switch the edge answers as this machine only, whatever the scheme: deployed
//! by mistake, it is no edge of anybody.

use slotstead_tenant::settings::is_this_machine;

use crate::{
    config::Config,
    exchange::{Incoming, Method, Outgoing},
    problem::Failure,
};

/// For two years browsers come by HTTPS without asking (RFC 6797).
pub const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Whether the request may go on; otherwise the redirect or the failure that answers it.
pub fn admit(config: &Config, incoming: &Incoming) -> Result<(), Result<Outgoing, Failure>> {
    let admitted = if config.development {
        is_this_machine(&incoming.host)
    } else {
        incoming.https
    };
    if admitted {
        return Ok(());
    }
    let is_page =
        matches!(incoming.method, Method::Get | Method::Head) && !incoming.path.starts_with("/v1/");
    if !is_page {
        return Err(Err(Failure::HttpsRequired));
    }
    let query = if incoming.query.is_empty() {
        String::new()
    } else {
        format!("?{}", incoming.query)
    };
    // The configured origin, not the host that was asked: a forged Host leads nowhere else.
    let location = format!("{}{}{query}", config.public_origin, incoming.path);
    Err(Ok(Outgoing::empty(308).with("location", location)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    fn plain(method: Method, host: &str, path: &str) -> Incoming {
        Incoming {
            method,
            https: false,
            host: host.into(),
            path: path.into(),
            query: "a=b".into(),
            headers: vec![("x-forwarded-proto".into(), "https".into())],
            body: Ok(Vec::new()),
        }
    }

    #[test]
    fn plain_http_gets_no_data() {
        let production = config(&[]);
        let page = admit(
            &production,
            &plain(Method::Get, "evil.example", "/embed.js"),
        )
        .unwrap_err()
        .unwrap();
        assert_eq!(
            (page.status, page.header("location")),
            (308, Some("https://edge.example/embed.js?a=b"))
        );
        for (method, path) in [
            (Method::Get, "/v1/x/slots"),
            (Method::Post, "/v1/tenants"),
            (Method::Post, "/"),
        ] {
            for host in ["edge.example", "localhost"] {
                let refused = admit(&production, &plain(method, host, path)).unwrap_err();
                assert_eq!(refused, Err(Failure::HttpsRequired));
            }
        }
        let mut secure = plain(Method::Get, "edge.example", "/v1/x/slots");
        secure.https = true;
        assert_eq!(admit(&production, &secure), Ok(()));
    }

    #[test]
    fn the_development_switch_opens_this_machine_and_nothing_else() {
        let development = config(&[
            ("DEVELOPMENT_SWITCH", "on"),
            ("PUBLIC_ORIGIN", "http://localhost:8787"),
        ]);
        for host in ["localhost:8787", "localhost", "127.0.0.1:1234"] {
            assert_eq!(
                admit(&development, &plain(Method::Get, host, "/v1/x/slots")),
                Ok(()),
                "{host}"
            );
        }
        for host in [
            "edge.example",
            "localhost.evil.example",
            "192.168.0.1:8787",
            "",
        ] {
            let mut knock = plain(Method::Get, host, "/v1/x/slots");
            for https in [false, true] {
                knock.https = https;
                assert_eq!(
                    admit(&development, &knock),
                    Err(Err(Failure::HttpsRequired)),
                    "{host}, https: {https}"
                );
            }
        }
    }
}
