//! Tables of addresses.

use super::*;

#[test]
fn public_addresses_pass() {
    for url in [
        "https://calendar.example.com/basic.ics",
        "http://example.org/a.ics?token=x#y",
        "https://example.com:8443/a.ics",
        "https://example.com:443/a.ics",
        "http://example.com.:80/a.ics",
        "https://blåbærsyltetøy.no/kalender.ics",
        "https://8.8.8.8/a.ics",
        "https://[2606:4700:4700::1111]/a.ics",
        "https://[::ffff:8.8.8.8]/a.ics",
        "HTTPS://EXAMPLE.COM/A.ICS",
        "https://localhost.example.com/a.ics",
        "https://mylocal.example/a.ics",
    ] {
        assert!(check(url, false).is_ok(), "{url}");
    }
    let parsed = check("https://blåbærsyltetøy.no/", false).unwrap();
    assert_eq!(parsed.host_str(), Some("xn--blbrsyltety-y8ao3x.no"));
}

#[test]
fn private_hosts_are_refused_in_every_spelling() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "017700000001",
        "127.0.0.1.",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "168.63.129.16",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "[::]",
        "[::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[febf::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:808:808::]",
        "[2001:db8::1]",
        "[2001::1]",
        "[3fff::1]",
        "[100::1]",
        "[5f00::1]",
        "[fec0::1]",
        "[0:0:0:0:0:0:0:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
        "metadata.google.internal.",
        "db.internal",
        "intranet",
        "router",
        "router.lan",
        "nas.home.arpa",
        "ｌｏｃａｌｈｏｓｔ",
        "x.test",
        "hidden.onion",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}/a.ics");
            assert_eq!(check(&url, false), Err(AddressError::NotPublic), "{url}");
        }
    }
}

#[test]
fn neighbours_of_private_ranges_are_public() {
    for address in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2a00::1",
        "2003::1",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn other_mistakes_have_their_own_sentences() {
    for (url, error) in [
        ("", AddressError::Malformed),
        ("example.com/a.ics", AddressError::Malformed),
        ("https://", AddressError::Malformed),
        ("https://exa mple.com/", AddressError::Malformed),
        ("https://256.1.1.1/", AddressError::Malformed),
        ("https://example.com:99999/", AddressError::Malformed),
        ("ftp://example.com/a.ics", AddressError::Scheme),
        ("file:///etc/passwd", AddressError::Scheme),
        ("data:text/calendar,BEGIN:VCALENDAR", AddressError::Scheme),
        ("javascript:alert(1)", AddressError::Scheme),
        ("webcal://example.com/a.ics", AddressError::Scheme),
        ("https://user@example.com/a.ics", AddressError::UserInfo),
        (
            "https://user:secret@example.com/a.ics",
            AddressError::UserInfo,
        ),
        ("https://:secret@example.com/a.ics", AddressError::UserInfo),
        ("https://example.com@127.0.0.1/", AddressError::UserInfo),
        ("https://example.com:22/a.ics", AddressError::Port),
        ("http://example.com:25/a.ics", AddressError::Port),
        ("http://example.com:443/a.ics", AddressError::Port),
    ] {
        assert_eq!(check(url, false), Err(error), "{url}");
    }
    let long = format!("https://example.com/{}", "a".repeat(URL_CHARS));
    assert_eq!(check(&long, false), Err(AddressError::TooLong));
}

#[test]
fn the_development_switch_allows_loopback_and_nothing_more() {
    for url in [
        "http://localhost:8788/calendars/ingrid.ics",
        "http://127.0.0.1:80/a.ics",
        "http://127.0.0.1:81/a.ics",
        "http://[::1]:8788/a.ics",
        "https://example.com/a.ics",
    ] {
        assert!(check(url, true).is_ok(), "{url}");
    }
    for url in [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "http://printer.local/",
        "http://[fe80::1]/",
    ] {
        assert_eq!(check(url, true), Err(AddressError::NotPublic), "{url}");
    }
    assert_eq!(
        check("http://u@localhost/", true),
        Err(AddressError::UserInfo)
    );
    assert_eq!(
        check("https://example.com:22/", true),
        Err(AddressError::Port)
    );
}

#[test]
fn webcal_becomes_https() {
    assert_eq!(
        normalise(" webcal://example.com/a.ics\n"),
        "https://example.com/a.ics"
    );
    assert_eq!(
        normalise("WebCals://example.com/a.ics"),
        "https://example.com/a.ics"
    );
    assert_eq!(
        normalise("http://example.com/a.ics"),
        "http://example.com/a.ics"
    );
    assert_eq!(normalise("nonsense"), "nonsense");
}
