//! Resources: how they are set up, and the schedules that they share with each other and with hosts.

use serde_json::json;
use slotstead_tenant::{Answer, Command, Reply};

use crate::kit::{World, consult, held, is_conflict, is_missing, owner, slug, wire, with, wrong};

fn put(world: &mut World, id: &str, name: &str, schedule: Option<&str>) -> Answer {
    let resource = wire(json!({ "name": name, "schedule": schedule }));
    let id = slug(id);
    world.ask(&owner(), Command::PutResource { id, resource })
}

fn delete(world: &mut World, id: &str) -> Answer {
    world.ask(&owner(), Command::DeleteResource { id: slug(id) })
}

fn listed(world: &mut World) -> Vec<(String, String)> {
    let Reply::Resources(resources) = world.own(Command::ListResources) else {
        panic!()
    };
    let resources = resources.into_iter();
    resources
        .map(|one| (one.id.to_string(), one.input.name))
        .collect()
}

/// Tuesdays from nine to eleven.
fn put_mornings(world: &mut World) {
    let rule = json!({ "weekday": "tuesday", "start": "09:00", "end": "11:00" });
    world.put_schedule(
        "mornings",
        &json!({ "zone": "Europe/Oslo", "rules": [rule] }),
    );
}

#[test]
fn what_was_put_is_listed_until_it_is_deleted() {
    let mut world = World::demo();
    put(&mut world, "room", "Room 1", None).unwrap();
    put(&mut world, "laser", "Laser", Some("weekdays")).unwrap();
    put(&mut world, "room", " Room 2 ", None).unwrap();
    let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    assert_eq!(
        listed(&mut world),
        [pair("laser", "Laser"), pair("room", "Room 2")]
    );
    let unknown = put(&mut world, "room", " ", Some("none"));
    assert_eq!(wrong(unknown), ["name", "schedule"]);
    delete(&mut world, "room").unwrap();
    assert!(is_missing(&delete(&mut world, "room")));
    assert_eq!(listed(&mut world), [pair("laser", "Laser")]);
}

#[test]
fn a_deleted_resource_takes_the_holds_on_it_along() {
    let mut world = World::demo();
    let start = "2027-03-02T09:30:00+01:00";
    put(&mut world, "room", "Room", None).unwrap();
    let needs = json!([{ "any_of": ["room"] }]);
    world.put_service("consult", &with(consult(), json!({ "resources": needs })));
    held(world.hold("consult", start, "session"));
    world.put_service("consult", &consult());
    assert!(!world.offers("consult", start), "its host is held");
    delete(&mut world, "room").unwrap();
    assert!(world.offers("consult", start));
}

#[test]
fn a_schedule_that_a_resource_has_stays() {
    let mut world = World::demo();
    put_mornings(&mut world);
    put(&mut world, "laser", "Laser", Some("mornings")).unwrap();
    let delete_schedule = Command::DeleteSchedule {
        id: slug("mornings"),
    };
    assert!(is_conflict(&world.ask(&owner(), delete_schedule.clone())));
    put(&mut world, "laser", "Laser", None).unwrap();
    world.own(delete_schedule);
}

#[test]
fn a_schedule_may_be_that_of_two_resources_and_of_the_host() {
    let mut world = World::demo();
    put_mornings(&mut world);
    put(&mut world, "laser", "Laser", Some("mornings")).unwrap();
    put(&mut world, "lamp", "Lamp", Some("mornings")).unwrap();
    put(&mut world, "room", "Room", Some("weekdays")).unwrap();
    let needs = ["laser", "lamp", "room"].map(|id| json!({ "any_of": [id] }));
    world.put_service("consult", &with(consult(), json!({ "resources": needs })));
    let day = world.slots("consult", "2027-03-02", "2027-03-03", "Europe/Oslo");
    let hours = ["09:00", "09:30", "10:00", "10:30"];
    assert_eq!(
        crate::kit::starts(&day),
        hours.map(|hour| format!("2027-03-02T{hour}:00+01:00"))
    );
    let made = world.booked("k1", "2027-03-02T09:30:00+01:00");
    let names: Vec<&str> = made.resources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Laser", "Lamp", "Room"]);
}
