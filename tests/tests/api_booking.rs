//! The booker's whole way by the API: session, slots, hold, booking, change, cancel.

use serde_json::json;
use slotstead_shared::wire::{BookedView, BookingStatus, Hold, NewBooking};
use slotstead_tests::{
    Anonymous, ProblemKind, Raw, Region, Server, TestTenant,
    tenant::{SERVICE, ZONE, booking_at, same},
};

#[tokio::test]
async fn from_a_session_to_a_cancelled_booking_in_both_regions() {
    let server = Server::shared();
    for region in [Region::Eu, Region::Us] {
        let tenant = TestTenant::new(&server.client(), region).await;
        assert!(tenant.id.starts_with(region.as_str()), "{}", tenant.id);
        let session = tenant.session().await;
        assert_eq!(session.profile.name, "Fjord Physiotherapy");
        assert_eq!(session.services.len(), 1);
        assert_eq!(session.services[0].zone, ZONE);
        let visitor = tenant.visitor().await;
        let start = tenant.free(&visitor).await[3].start;

        let hold: Hold = tenant
            .client
            .post(&visitor, &tenant.path("holds"), &hold_at(start))
            .await
            .expect(201);
        assert!((590..=600).contains(&hold.expires_in_seconds), "{hold:?}");
        assert!(
            !tenant.is_free(&visitor, start).await,
            "a held time is still offered"
        );

        let body = NewBooking {
            hold: Some(hold.id),
            ..booking_at(start)
        };
        let booked: BookedView = tenant.book(&visitor, "way", &body).await.expect(201);
        assert_eq!(booked.booking.status, BookingStatus::Confirmed);
        assert!(same(booked.booking.start, start));
        assert_eq!(
            booked.booking.end.unix_seconds() - start.unix_seconds(),
            1_800
        );
        assert!(booked.booking.can_change);
        assert!(booked.calendar_file.starts_with("BEGIN:VCALENDAR\r\n"));
        assert!(booked.calendar_file.contains("METHOD:PUBLISH\r\n"));
        let wanted = format!(
            "{}/manage/{}#{}",
            tenant.client.base, tenant.id, booked.capability
        );
        assert_eq!(booked.manage_url, wanted);

        let link = tenant.booker(&booked);
        let path = tenant.path(&format!("bookings/{}", booked.booking.id));
        let read: BookedView = tenant.client.get(&link, &path).await.expect(200);
        assert_eq!(read.booking, booked.booking);

        let cancelled: BookedView = tenant.cancel(&link, &booked).await.expect(200);
        assert_eq!(cancelled.booking.status, BookingStatus::Cancelled);
        assert_eq!(cancelled.booking.sequence, 1);
        assert!(!cancelled.booking.can_change);
        assert!(cancelled.calendar_file.contains("STATUS:CANCELLED"));
        assert!(
            tenant.is_free(&visitor, start).await,
            "the time is not free again"
        );

        let other = tenant.free(&visitor).await[9].start;
        let refused = tenant.reschedule(&link, &booked, "late", other).await;
        let _ = refused.refused(409, ProblemKind::BookingClosed);
    }
}

fn hold_at(start: slotstead_shared::Stamp) -> serde_json::Value {
    json!({ "service": SERVICE, "start": start, "zone": ZONE })
}

#[tokio::test]
async fn a_retry_with_the_same_key_gets_the_same_answer_and_says_so() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let first = tenant.book(&visitor, "once", &booking_at(start)).await;
    let second = tenant.book(&visitor, "once", &booking_at(start)).await;
    let (one, two): (BookedView, BookedView) = (first.expect(201), second.expect(201));
    assert_eq!(one.booking, two.booking);
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(tenant.all_bookings().await.len(), 1);

    // The key guards one request: another body under it is refused, and books nothing.
    let other = NewBooking {
        name: "Somebody Else".to_owned(),
        ..booking_at(start)
    };
    let refused = tenant.book(&visitor, "once", &other).await;
    let _ = refused.refused(422, ProblemKind::IdempotencyKeyReused);
    assert_eq!(tenant.all_bookings().await.len(), 1);
}

#[tokio::test]
async fn a_conflict_is_also_the_same_answer_again() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let first = tenant.booked(&visitor, "first", start).await;
    let conflict = tenant.book(&visitor, "second", &booking_at(start)).await;
    let one = conflict.refused(409, ProblemKind::SlotTaken);
    tenant
        .cancel(&tenant.booker(&first), &first)
        .await
        .expect_status(200);
    let again = tenant.book(&visitor, "second", &booking_at(start)).await;
    let two = again.refused(409, ProblemKind::SlotTaken);
    assert_eq!(one.alternatives, two.alternatives);
}

#[tokio::test]
async fn a_taken_time_comes_with_the_nearest_free_ones() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Us).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[20].start;
    let _ = tenant.booked(&visitor, "first", start).await;
    let refused = tenant.book(&visitor, "second", &booking_at(start)).await;
    let problem = refused.refused(409, ProblemKind::SlotTaken);
    assert!((1..=6).contains(&problem.alternatives.len()), "{problem:?}");
    assert!(
        problem
            .alternatives
            .iter()
            .all(|slot| !same(slot.start, start))
    );
    let starts: Vec<_> = problem
        .alternatives
        .iter()
        .map(|slot| slot.start.unix_seconds())
        .collect();
    assert!(starts.is_sorted(), "{starts:?}");
    let near = starts
        .iter()
        .map(|at| (at - start.unix_seconds()).abs())
        .min();
    assert_eq!(near, Some(1_800), "the neighbours are free and nearest");
    // What is offered instead can be booked.
    let next = problem.alternatives[0].start;
    let _ = tenant.booked(&visitor, "third", next).await;
}

#[tokio::test]
async fn a_hold_keeps_others_out_until_it_is_released() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let (holder, other) = (tenant.visitor().await, tenant.visitor().await);
    let start = tenant.free(&holder).await[5].start;
    let path = tenant.path("holds");
    let hold: Hold = tenant
        .client
        .post(&holder, &path, &hold_at(start))
        .await
        .expect(201);

    let refused = tenant.book(&other, "other", &booking_at(start)).await;
    let _ = refused.refused(409, ProblemKind::SlotTaken);
    let refused = tenant.client.post(&other, &path, &hold_at(start)).await;
    let problem = refused.refused(409, ProblemKind::SlotTaken);
    assert!(!problem.alternatives.is_empty());

    let release = tenant.path(&format!("holds/{}", hold.id));
    tenant
        .client
        .delete(&holder, &release)
        .await
        .expect_status(204);
    let _ = tenant.booked(&other, "other-again", start).await;
}

#[tokio::test]
async fn one_visitor_cannot_hold_a_whole_day() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let limit = slotstead_shared::limits::SESSION_HOLDS;
    for slot in &free[..limit * 2] {
        let body = hold_at(slot.start);
        tenant
            .client
            .post(&visitor, &tenant.path("holds"), &body)
            .await;
    }
    let mut held = 0;
    for slot in &free[..limit * 2] {
        held += usize::from(!tenant.is_free(&visitor, slot.start).await);
    }
    assert_eq!(
        held, limit,
        "a visitor keeps as many times as the limit says"
    );
}

#[tokio::test]
async fn rescheduling_moves_the_booking_and_frees_its_old_time() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let (old, new, taken) = (free[2].start, free[30].start, free[40].start);
    let booked = tenant.booked(&visitor, "mine", old).await;
    let _ = tenant.booked(&visitor, "theirs", taken).await;
    let link = tenant.booker(&booked);

    let refused = tenant.reschedule(&link, &booked, "to-taken", taken).await;
    let problem = refused.refused(409, ProblemKind::SlotTaken);
    assert!(!problem.alternatives.is_empty());
    assert!(
        !tenant.is_free(&visitor, old).await,
        "a refused move gave the old time away"
    );

    let moved = tenant.reschedule(&link, &booked, "to-new", new).await;
    let moved_view: BookedView = moved.expect(200);
    assert!(same(moved_view.booking.start, new));
    assert_eq!(moved_view.booking.id, booked.booking.id);
    assert_eq!(moved_view.booking.sequence, 1);
    assert!(tenant.is_free(&visitor, old).await);
    assert!(!tenant.is_free(&visitor, new).await);
    let uid = |file: &str| {
        file.lines()
            .find(|line| line.starts_with("UID:"))
            .map(str::to_owned)
    };
    assert_eq!(uid(&moved_view.calendar_file), uid(&booked.calendar_file));

    // The old capability still works, and a retry moves nothing twice.
    let again = tenant.reschedule(&link, &booked, "to-new", new).await;
    let again: BookedView = again.expect(200);
    assert_eq!(again.booking.sequence, 1);
    assert_eq!(tenant.all_bookings().await.len(), 2);
}

#[tokio::test]
async fn a_start_that_is_not_offered_is_refused_with_a_way_on() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let off_step = slotstead_shared::Stamp::new(start.unix_seconds() + 600, 3_600).unwrap();
    let refused = tenant.book(&visitor, "odd", &booking_at(off_step)).await;
    let problem = refused.refused(409, ProblemKind::SlotNotOffered);
    assert!(!problem.alternatives.is_empty());
    assert_eq!(problem.errors[0].field, "start");
    let too_far = slotstead_shared::Stamp::new(start.unix_seconds() + 100 * 86_400, 0).unwrap();
    let refused = tenant.book(&visitor, "far", &booking_at(too_far)).await;
    let _ = refused.refused(409, ProblemKind::SlotNotOffered);
    assert!(tenant.all_bookings().await.is_empty());
}

#[tokio::test]
async fn times_are_printed_on_both_clocks_when_they_differ() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let ask = |zone: &str| {
        let (from, to) = (
            slotstead_tests::tenant::date(2),
            slotstead_tests::tenant::date(4),
        );
        tenant.path(&format!(
            "slots?service={SERVICE}&from={from}&to={to}&zone={zone}"
        ))
    };
    let there: slotstead_shared::wire::Slots = tenant
        .client
        .get(&visitor, &ask("Asia/Kolkata"))
        .await
        .expect(200);
    let slot = &there.days[0].slots[0];
    assert_eq!(slot.start.offset_seconds(), 19_800);
    let service_start = slot.service_start.expect("Oslo's clock shows another time");
    assert!(same(service_start, slot.start));
    let here: slotstead_shared::wire::Slots =
        tenant.client.get(&visitor, &ask(ZONE)).await.expect(200);
    assert!(
        here.days[0]
            .slots
            .iter()
            .all(|slot| slot.service_start.is_none())
    );
    assert_eq!(here.service_zone, ZONE);
}

#[tokio::test]
async fn reading_a_booking_changes_nothing() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;
    let booked = tenant.booked(&visitor, "mine", start).await;
    // A mail scanner opens every link there is (P21).
    let page = tenant
        .client
        .get(&Anonymous, &format!("/manage/{}", tenant.id))
        .await;
    assert_eq!(page.status, 200);
    for action in ["cancel", "reschedule"] {
        let path = tenant.path(&format!("bookings/{}/{action}", booked.booking.id));
        let refused = tenant
            .client
            .get(&Raw::bearer(&booked.capability), &path)
            .await;
        let _ = refused.refused(405, ProblemKind::MethodNotAllowed);
    }
    let standing = &tenant.all_bookings().await[0];
    assert_eq!(
        (standing.status, standing.sequence),
        (BookingStatus::Confirmed, 0)
    );
}
