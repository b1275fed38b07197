//! Every limit in one place. A limit's comment shows its arithmetic.

/// Bytes of a JSON request body: the largest form (20 fields of 2,000 characters, 4 bytes each) is 160 KB.
pub const BODY_BYTES: usize = 192 * 1024;
/// Levels of nesting in a JSON body; our deepest type has 5.
pub const JSON_DEPTH: usize = 16;
/// Characters of a name, a title or a label.
pub const NAME_CHARS: usize = 120;
/// Characters of an e-mail address (RFC 5321, 4.5.3.1.3: a path of 256 octets with its brackets).
pub const EMAIL_CHARS: usize = 254;
/// Characters of a free text (description, answer, reason).
pub const TEXT_CHARS: usize = 2_000;
/// Characters of a URL.
pub const URL_CHARS: usize = 2_048;
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS: usize = 128;

/// Services of one tenant.
pub const SERVICES: usize = 200;
/// Hosts of one tenant.
pub const HOSTS: usize = 200;
/// Hosts of one service.
pub const SERVICE_HOSTS: usize = 50;
/// Resources of one tenant.
pub const RESOURCES: usize = 200;
/// Resource needs of one service.
pub const SERVICE_NEEDS: usize = 5;
/// Resources that will do for one need.
pub const NEED_RESOURCES: usize = 20;
/// Durations of one service besides its usual one.
pub const OTHER_DURATIONS: usize = 10;
/// Booking limits of one service, one host or one booker: bookings and minutes for each period.
pub const BOOKING_LIMITS: usize = 6;
/// Bookings that a limit allows.
pub const LIMIT_BOOKINGS: std::ops::RangeInclusive<u32> = 1..=10_000;
/// Minutes that a limit allows: a month has 44,640, for each of 50 hosts.
pub const LIMIT_MINUTES: std::ops::RangeInclusive<u32> = 5..=2_232_000;
/// Seats that share a start.
pub const SEATS: std::ops::RangeInclusive<u32> = 1..=1_000;
/// The weight of a host in the round robin.
pub const HOST_WEIGHT: std::ops::RangeInclusive<u32> = 1..=100;
/// Schedules of one tenant.
pub const SCHEDULES: usize = 200;
/// Availability rules of one schedule: 8 spans on each of 7 days.
pub const SCHEDULE_RULES: usize = 56;
/// Date overrides of one schedule: three years of days.
pub const SCHEDULE_OVERRIDES: usize = 1_100;
/// Stays in other zones of one schedule.
pub const SCHEDULE_STAYS: usize = 20;
/// Zones of the stays of one schedule. Each is another reading of every calendar feed.
pub const STAY_ZONES: usize = 4;
/// Days of all stays of one schedule together.
pub const STAY_DAYS: i64 = 366;
/// Spans of one date override.
pub const OVERRIDE_SPANS: usize = 8;
/// Booking fields of one tenant.
pub const FIELDS: usize = 20;
/// Options of one choice field.
pub const FIELD_OPTIONS: usize = 50;
/// Origins that one tenant allows.
pub const ORIGINS: usize = 50;
/// Calendar feeds of one host.
pub const HOST_FEEDS: usize = 10;
/// Live owner tokens of one tenant.
pub const TOKENS: usize = 50;

/// Days in one request for slots: six weeks of a month view, and room for a second month.
pub const SLOTS_RANGE_DAYS: i64 = 92;
/// Slots in one answer: all of 92 days of 24 hours every 5 minutes, and of the two hours that a change
/// of the clock can add (Antarctica/Troll). So nothing is cut but of hosts who work around the clock on
/// steps that differ, at less than 5 minutes from each other.
pub const SLOTS_RETURNED: usize = 26_520;
/// Alternatives offered with a conflict.
pub const ALTERNATIVES: usize = 6;
/// Bookings on one page of a list.
pub const PAGE: usize = 100;

/// Minutes of a service: 5 minutes to 24 hours.
pub const DURATION_MINUTES: std::ops::RangeInclusive<u32> = 5..=1_440;
/// Minutes between the starts of slots.
pub const SLOT_STEP_MINUTES: std::ops::RangeInclusive<u32> = 5..=1_440;
/// Minutes of a buffer.
pub const BUFFER_MINUTES: std::ops::RangeInclusive<u32> = 0..=720;
/// Minutes of minimum notice: up to 90 days.
pub const NOTICE_MINUTES: std::ops::RangeInclusive<u32> = 0..=129_600;
/// Days of a booking window. Busy blocks are known for [`FEED_HORIZON_DAYS`], which is longer.
pub const WINDOW_DAYS: std::ops::RangeInclusive<u32> = 1..=365;

/// Days of a booking window that counts business days: a year has about 250.
pub const WINDOW_BUSINESS_DAYS: std::ops::RangeInclusive<u32> = 1..=250;

/// Seconds a hold lasts.
pub const HOLD_SECONDS: i64 = 600;
/// Live holds of one session, so that one visitor cannot hold a whole day.
pub const SESSION_HOLDS: usize = 3;
/// Bookings that one erasure covers; for more it is asked again.
pub const ERASED_AT_ONCE: usize = 1_000;
/// Seconds an idempotency key is remembered: 24 hours.
pub const IDEMPOTENCY_SECONDS: i64 = 24 * 3_600;
/// Seconds a session token lives.
pub const SESSION_SECONDS: i64 = 15 * 60;

/// Bytes of a calendar feed.
pub const FEED_BYTES: usize = 5 * 1024 * 1024;
/// Seconds one fetch of a feed may take, redirects included.
pub const FEED_TIMEOUT_SECONDS: u32 = 20;
/// Redirects that one fetch of a feed follows.
pub const FEED_REDIRECTS: u32 = 5;
/// Instances that one feed may expand to.
pub const FEED_INSTANCES: usize = 50_000;
/// Busy blocks kept of one feed, after merging.
pub const FEED_BLOCKS: usize = 20_000;
/// Busy blocks that one look at free times reads: 50 hosts of 40 blocks a day for 92 days. Where there are
/// more, the calendars of all who have one count as unknown, so as busy.
pub const LOOK_BLOCKS: usize = 200_000;
/// Days ahead for which a feed's busy blocks are expanded. Later times count as unknown, so as busy.
pub const FEED_HORIZON_DAYS: i64 = 430;
/// Days that must be covered ahead before a conditional request may answer "not modified":
/// the longest booking window and a month of slack.
pub const FEED_COVER_DAYS: i64 = 396;
/// Seconds between two fetches of a feed that works. With the timeout this is the freshness
/// bound: a change at the source is seen within `FEED_REFRESH_SECONDS + FEED_TIMEOUT_SECONDS`,
/// as the pause is counted from when the last fetch began.
pub const FEED_REFRESH_SECONDS: i64 = 60;
/// Seconds that the last known blocks of a feed that fails count: a day, in which its owner can
/// mend it. Past this it counts as unknown, and its host offers nothing until it is read again.
pub const FEED_STALE_SECONDS: i64 = 24 * 3_600;
/// The longest pause between two tries of a feed that fails.
pub const FEED_BACKOFF_SECONDS: i64 = 3_600;
