//! Moving a booking whose service has changed since it was made.

use serde_json::{Value as Json, json};
use slotstead_shared::wire;

use crate::kit::{World, book_with, booking, consult, new_booking, visitor, with};

const NINE: &str = "2027-03-02T09:00:00+01:00";
const TEN: &str = "2027-03-02T10:00:00+01:00";

/// A booking at nine of the demo tenant's service as `service` has it, then the service as `now`
/// has it and the booking moved to ten.
fn moved(service: Json, wish: Json, now: Json) -> wire::Booking {
    let mut world = World::demo();
    world.put_service("consult", &with(consult(), service));
    let wish = with(new_booking(NINE, None), wish);
    let made = booking(world.ask(&visitor(), book_with("made", wish)));
    world.put_service("consult", &with(consult(), now));
    booking(world.reschedule("moved", &made.id, TEN))
}

#[test]
fn a_duration_that_the_service_has_given_up_becomes_its_usual_one() {
    let hours = json!({ "other_durations_minutes": [60] });
    let long = json!({ "duration_minutes": 60 });
    let kept = moved(hours.clone(), long.clone(), hours.clone());
    assert_eq!(kept.end.to_string(), "2027-03-02T11:00:00+01:00");
    let usual = moved(hours, long, json!({}));
    assert_eq!(usual.end.to_string(), "2027-03-02T10:30:00+01:00");
}

#[test]
fn a_named_host_comes_as_long_as_the_service_lets_bookers_name_that_one() {
    let both = json!({ "hosts": ["ingrid", "amal"], "booker_names_host": true });
    let amal = json!({ "host": "amal" });
    let after = |now| moved(both.clone(), amal.clone(), now);
    let stays = after(both.clone());
    assert_eq!((stays.host.as_str(), stays.host_named), ("amal", true));
    let left = after(json!({ "booker_names_host": true }));
    assert_eq!((left.host.as_str(), left.host_named), ("ingrid", false));
    // Nobody is named any more; whom it had is still preferred.
    let unnamed = after(json!({ "hosts": ["ingrid", "amal"] }));
    assert_eq!((unnamed.host.as_str(), unnamed.host_named), ("amal", false));
    let together = json!({ "hosts": ["ingrid", "amal"], "host_choice": "collective" });
    let together = after(together);
    assert_eq!(
        (together.host.as_str(), together.host_named),
        ("ingrid", false)
    );
    assert_eq!(together.co_hosts[0].id.as_str(), "amal");
}
