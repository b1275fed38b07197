//! The edge's few pages: quiet, in the system's font, under a strict content security policy.

use data_encoding::BASE64;
use slotstead_shared::TenantId;

use crate::exchange::{Content, Outgoing};

const STYLE: &str = "\
:root{color-scheme:light dark}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:grid;grid-template-rows:1fr auto;gap:2rem;\
padding:clamp(1rem,5vw,4rem) clamp(1rem,4vw,2rem) 1.5rem;\
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
background:light-dark(#f7f6f3,#161614);color:light-dark(#1f1e1b,#eceae4)}\
main{width:100%;max-width:60rem;margin:0 auto}\
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}\
.place{min-height:960px}\
@media(min-width:784px){.place{min-height:500px}}\
p{max-width:36rem;margin:.5rem 0}\
footer{color:light-dark(#6a675f,#a09c92);font-size:.875rem;text-align:center}\
a{color:inherit}";

fn page(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{main}\n</main>\n<footer>Slotstead</footer>\n</body>\n</html>\n"
    )
}

fn html(page: String, policy: &str) -> Outgoing {
    let style = BASE64.encode(&hmac_sha256::Hash::hash(STYLE.as_bytes()));
    Outgoing::of(200, "text/html; charset=utf-8", Content::Bytes(page.into_bytes()))
        .with(
            "content-security-policy",
            format!(
                "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:{policy}"
            ),
        )
        .with("referrer-policy", "no-referrer")
        // Whoever opened the page has no hold on its window.
        .with("cross-origin-opener-policy", "same-origin")
}

/// `/`: a word of greeting for whoever looks.
#[must_use]
pub fn index() -> Outgoing {
    let main = "<h1>Slotstead</h1>\n<p>This is where the bookings of many sites come together. \
                There is nothing to see here; the booker stands on the page you came from.</p>\n\
                <p>For programs: <a href=\"/openapi.json\">openapi.json</a></p>";
    html(page("Slotstead", main), "").with("cache-control", "public, max-age=3600")
}

/// `/manage/{tenant}`: where a booker changes or cancels a booking.
///
/// The same for every genuine id: whether the tenant exists is not known here. The capability
/// stays in the fragment, which the browser sends to no server. The booker's place has its
/// final height from the start (from 784 px the column is 720 px wide), so nothing moves.
#[must_use]
pub fn manage(tenant: &TenantId) -> Outgoing {
    let main = format!(
        "<h1>Your booking</h1>\n<div class=\"place\">\
         <script async src=\"/embed.js\" data-tenant=\"{tenant}\" data-manage></script></div>\n\
         <noscript><p>To change or cancel your booking here, this page needs JavaScript.</p></noscript>"
    );
    let policy = "; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; font-src 'self'; \
                  manifest-src 'none'";
    html(page("Your booking", &main), policy).with("cache-control", "no-store")
}

#[cfg(test)]
mod tests {
    use slotstead_shared::Region;

    use super::*;
    use crate::keys::IdKey;

    #[test]
    fn the_manage_page_carries_the_booker_under_a_strict_policy() {
        let tenant = IdKey::new([1; 32]).new_tenant(Region::Eu, [2; 16]);
        let page = manage(&tenant);
        let html = String::from_utf8(page.content.as_slice().to_vec()).unwrap();
        assert!(html.contains(&format!(
            "<script async src=\"/embed.js\" data-tenant=\"{tenant}\" data-manage></script>"
        )));
        let policy = page.header("content-security-policy").unwrap();
        for wanted in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "connect-src 'self'",
        ] {
            assert!(policy.contains(wanted), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval' "));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}
