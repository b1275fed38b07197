use std::collections::HashSet;

use super::*;

const TENANT: &str = "eu_144gj289144gj289144gj28914zzzzzzzzzzzzzzzz";

fn at(method: Method, path: &str) -> Option<Matched> {
    find(path).ok().map(|place| place.at(method))
}

/// A path of this row with good ids.
fn example(row: &Row) -> String {
    row.path
        .replace("{tenant}", TENANT)
        .replace("{token}", "tok_0c1g60r30c1g60r30c1g60r30c")
        .replace("{hold}", "hld_0c1g60r30c1g60r30c1g60r30c")
        .replace("{booking}", "bkg_0c1g60r30c1g60r30c1g60r30c")
        .replace("{date}", "2027-03-11")
        .replace("{file}", "booker.0123.js")
        .replace("{service}", "first-consultation")
        .replace("{host}", "ingrid")
        .replace("{resource}", "room-2")
        .replace("{schedule}", "weekdays")
        .replace("{field}", "phone")
        .replace("{feed}", "private")
}

#[test]
fn every_row_is_reached_and_no_two_share_a_name_or_a_place() {
    let mut names = HashSet::new();
    let mut reached = HashSet::new();
    for row in ROWS {
        assert!(names.insert(row.name), "{} twice", row.name);
        let path = example(row);
        assert!(!path.contains('{'), "{path}");
        let Some(Matched::Route(route)) = at(row.method, &path) else {
            panic!("{} is not reached", row.name)
        };
        assert!(
            reached.insert(format!("{route:?}")),
            "{} is reached twice",
            row.name
        );
        assert_eq!(
            row.path.contains("{tenant}"),
            find(&path).unwrap().tenant.is_some()
        );
    }
}

#[test]
fn ids_are_parsed() {
    let path = format!("/v1/{TENANT}/schedules/weekdays/overrides/2027-03-11");
    assert_eq!(
        at(Put, &path),
        Some(Matched::Route(Route::Inside(
            May::Owner(SetupWrite),
            Inside::PutOverride("weekdays".parse().unwrap(), "2027-03-11".parse().unwrap())
        )))
    );
}

#[test]
fn malformed_and_strange_paths_lead_nowhere() {
    for path in [
        "",
        "//",
        "/v1",
        "/v1/",
        "/v1/tenants/",
        "/V1/tenants",
        "/v1/eu_1/slots",
        &format!("/v1/{TENANT}"),
        &format!("/v1/{TENANT}/"),
        &format!("/v1/{TENANT}/slots/"),
        &format!("/v1//{TENANT}/slots"),
        &format!("/v1/{}/slots", TENANT.to_uppercase()),
        &format!("/v1/{TENANT}%20/slots"),
        &format!("/v1/{TENANT}/services/Not-A-Slug"),
        &format!("/v1/{TENANT}/services/%61"),
        &format!("/v1/{TENANT}/services/"),
        &format!("/v1/{TENANT}/bookings/hld_0c1g60r30c1g60r30c1g60r30c"),
        &format!("/v1/{TENANT}/schedules/weekdays/overrides/2027-02-29"),
        "/manage/eu_1",
        "/assets",
        "/assets/a/b",
    ] {
        assert!(find(path).is_err(), "{path}");
    }
}

#[test]
fn a_malformed_id_is_named() {
    let nowhere = |path: &str| find(&format!("/v1/{TENANT}/{path}")).err();
    let malformed = |path: &str| match nowhere(path) {
        Some(Some(MalformedId { name, detail })) => (name, detail),
        other => panic!("{path}: {other:?}"),
    };
    for path in ["services/Not-A-Slug", "services/Not-A-Slug/reasons"] {
        let (name, detail) = malformed(path);
        assert_eq!(name, "service");
        assert!(detail.starts_with("not 1 to 64 lower-case"), "{detail}");
    }
    let (name, detail) = malformed("bookings/1/cancel");
    assert_eq!((name, &*detail), ("booking", "not an id of this kind"));
    assert_eq!(malformed("schedules/Weekdays/overrides/1").0, "schedule");
    assert_eq!(malformed("schedules/weekdays/overrides/1").0, "date");
    assert_eq!(nowhere("servants/Not-A-Slug"), Some(None));
    let other_tenant = find("/v1/eu_1/services/Not-A-Slug").err();
    assert_eq!(other_tenant, Some(None));
}

#[test]
fn head_is_get_and_other_methods_are_told_what_is_allowed() {
    let slots = format!("/v1/{TENANT}/slots");
    assert_eq!(at(Head, &slots), at(Get, &slots));
    assert_eq!(
        at(Post, &slots),
        Some(Matched::MethodNotAllowed {
            allow: "GET, HEAD, OPTIONS".into()
        })
    );
    assert_eq!(
        at(Method::Other, &format!("/v1/{TENANT}/bookings")),
        Some(Matched::MethodNotAllowed {
            allow: "POST, GET, HEAD, OPTIONS".into()
        })
    );
}

#[test]
fn only_routes_for_pages_take_part_in_cors() {
    for (path, wanted) in [
        ("slots", true),
        ("sessions", true),
        ("bookings", true),
        ("services", false),
        ("tokens", false),
    ] {
        let Some(Matched::Options { for_pages, .. }) = at(Options, &format!("/v1/{TENANT}/{path}"))
        else {
            panic!("{path}")
        };
        assert_eq!(for_pages, wanted, "{path}");
    }
}
