use super::*;

fn problem(failure: &Failure) -> (Outgoing, Problem) {
    let outgoing = answer(failure, "req");
    let problem = serde_json::from_slice(outgoing.content.as_slice()).unwrap();
    (outgoing, problem)
}

#[test]
fn a_problem_says_the_same_in_status_body_and_headers() {
    let (outgoing, problem) = problem(
        &Refusal::RateLimited {
            retry_after_seconds: 7,
        }
        .into(),
    );
    assert_eq!((outgoing.status, problem.status), (429, 429));
    assert_eq!(
        outgoing.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(outgoing.header("retry-after"), Some("7"));
    assert_eq!(problem.retry_after_seconds, Some(7));
    assert_eq!(problem.request_id, "req");
    assert_eq!(problem.kind, ProblemKind::RateLimited);
}

#[test]
fn a_lost_answer_never_claims_that_nothing_was_booked() {
    let failure = |error, retry| problem(&Failure::Region { error, retry }).1.detail;
    assert!(failure(RegionError::TimedOut, Retry::Freely).contains("Nothing was changed"));
    assert!(failure(RegionError::NotOpen, Retry::WithSameKey).contains("Nothing was changed"));
    let lost = failure(RegionError::TimedOut, Retry::WithSameKey);
    assert!(
        lost.contains("same idempotency key") && !lost.contains("Nothing was"),
        "{lost}"
    );
}

#[test]
fn what_is_for_the_log_stays_out_of_the_answer() {
    for failure in [
        Failure::Internal("secret".into()),
        Refusal::Store {
            detail: "secret".into(),
        }
        .into(),
        Failure::Region {
            error: RegionError::Broken("secret".into()),
            retry: Retry::Freely,
        },
    ] {
        let (outgoing, problem) = problem(&failure);
        assert!(outgoing.status >= 500);
        assert!(!format!("{problem:?}").contains("secret"));
        assert!(log_detail(&failure).unwrap().contains("secret"));
    }
}

#[test]
fn what_a_field_names_wrongly_is_said_of_the_field() {
    let fields = |refusal: Refusal| {
        let (_, problem) = problem(&refusal.into());
        let names = problem.errors.into_iter().map(|error| error.field);
        (problem.status, names.collect::<Vec<_>>())
    };
    let unknown = Refusal::not_found_in("service", "service");
    assert_eq!(fields(unknown), (404, vec!["service".to_owned()]));
    assert_eq!(fields(Refusal::not_found("service")), (404, Vec::new()));
    let refused = Refusal::SlotNotOffered {
        reason: Reason::TooSoon,
        alternatives: Vec::new(),
    };
    assert_eq!(fields(refused), (409, vec!["start".to_owned()]));
}

#[test]
fn a_malformed_id_and_a_missing_scope_are_named() {
    let nowhere = crate::routes::find("/v1/eu_1/nothing").err().unwrap();
    assert_eq!(Failure::from(nowhere), Failure::NotFound);
    let (_, malformed) = problem(&Failure::MalformedId(MalformedId {
        name: "service",
        detail: "not an id of this kind".into(),
    }));
    assert_eq!(malformed.status, 404);
    assert_eq!(
        malformed.detail,
        "The `service` in this address is not an id of this kind."
    );
    assert_eq!(malformed.errors[0].field, "service");
    for scope in Scope::ALL {
        let on_the_wire = serde_json::to_value(scope).unwrap();
        let (outgoing, problem) = problem(&Failure::ScopeMissing(scope));
        let challenge = outgoing.header("www-authenticate").unwrap();
        for text in [&*problem.detail, challenge] {
            assert!(text.contains(on_the_wire.as_str().unwrap()), "{text}");
        }
    }
}

#[test]
fn tokens_are_asked_for_in_the_way_browsers_and_clients_know() {
    assert_eq!(
        problem(&Failure::Unauthenticated)
            .0
            .header("www-authenticate"),
        Some("Bearer")
    );
    assert_eq!(problem(&Refusal::TokenRevoked.into()).0.status, 401);
    let (allowed, _) = problem(&Failure::MethodNotAllowed {
        allow: "GET".into(),
    });
    assert_eq!(
        (allowed.status, allowed.header("allow")),
        (405, Some("GET"))
    );
}
