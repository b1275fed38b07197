//! Calendar feeds: setting them up, and the effect that fetches each of them again and again.
//!
//! Unknown means busy: a feed that was never read leaves its host without any free time, and
//! one that cannot be read leaves the last known busy blocks where they are, for a day: then
//! they say too little about today, and the host offers nothing until the next reading.

use slotstead_shared::{
    UnixSeconds,
    engine::Tz,
    ids::{FeedId, HostId},
    limits::{
        FEED_BACKOFF_SECONDS, FEED_COVER_DAYS, FEED_REFRESH_SECONDS, FEED_STALE_SECONDS,
        FEED_TIMEOUT_SECONDS, HOST_FEEDS,
    },
    wire::{Feed, FeedInput, FeedStatus},
};

use super::{Context, check::Check, clocks::Clocks, offer::stamped};
use crate::{
    call::{Answer, Reply},
    connectors::{
        address,
        feed::{self, Reading},
    },
    effect::{FetchRequest, FetchResponse, Outcome},
    refusal::Refusal,
    store::StoreError,
    tables::{corrupt, feeds::FeedRow, outbox::EffectRow},
};

/// How long an effect is its taker's: the fetch itself, and time to report.
pub const LEASE_SECONDS: i64 = FEED_TIMEOUT_SECONDS as i64 + 30;

/// What a feed says whose address cannot be opened, after a restore for example.
const LOST: &str = "The address of the calendar is lost. Put the feed again";

pub fn list(cx: &Context<'_>) -> Answer {
    views(cx).map(Reply::Feeds)
}

pub fn views(cx: &Context<'_>) -> Result<Vec<Feed>, Refusal> {
    let feeds = cx.store.feeds()?;
    feeds.iter().map(|feed| view(cx, feed)).collect()
}

/// A feed with another address or host starts anew: its old blocks say nothing about the new
/// calendar, and until that is read its host offers nothing.
pub fn put(cx: &Context<'_>, id: &FeedId, input: &FeedInput) -> Answer {
    let mut check = Check::default();
    let url = address::normalise(&input.url);
    let source = match address::check(&url, cx.settings.private_feeds) {
        Ok(url) => url.host_str().unwrap_or_default().to_owned(),
        Err(error) => {
            check.wrong("url", error.to_string());
            String::new()
        }
    };
    if cx.store.host(&input.host)?.is_none() {
        check.wrong("host", "There is no such host");
    }
    check.finish()?;
    let known = cx.store.feed(id)?;
    if let Some(feed) = &known
        && feed.host == input.host
        && cx.url_of(id, feed.slot, &feed.url)?.as_ref() == Some(&url)
    {
        return Ok(Reply::Feed(view(cx, feed)?));
    }
    let others = cx.store.feeds_of(std::slice::from_ref(&input.host))?;
    if others.iter().filter(|feed| feed.id != *id).count() >= HOST_FEEDS {
        let detail = format!("This host has {HOST_FEEDS} feeds already. Delete one of them first.");
        return Err(Refusal::Conflict { detail });
    }
    if let Some(feed) = known {
        cx.destroy_key(feed.slot, None)?;
    }
    let (slot, url) = cx.seal_url(id, &url)?;
    let feed = FeedRow {
        id: id.clone(),
        host: input.host.clone(),
        slot,
        url,
        source,
        error: None,
        etag: None,
        last_modified: None,
        asked_conditionally: false,
        covered_until: None,
        read_by: None,
        synced_at: None,
        failures: 0,
    };
    cx.store.put_feed(&feed)?;
    cx.store.delete_busy_blocks(id)?;
    cx.store.start_fetching(id, cx.now)?;
    Ok(Reply::Feed(view(cx, &feed)?))
}

pub fn delete(cx: &Context<'_>, id: &FeedId) -> Answer {
    let feed = find(cx, id)?;
    cx.destroy_key(feed.slot, None)?;
    cx.store.stop_fetching(id)?;
    cx.store.delete_feed(id)?;
    Ok(Reply::Done)
}

pub fn sync(cx: &Context<'_>, id: &FeedId) -> Answer {
    find(cx, id)?;
    cx.store.hasten_fetch(id, cx.now)?;
    Ok(Reply::Done)
}

fn find(cx: &Context<'_>, id: &FeedId) -> Result<FeedRow, Refusal> {
    cx.store.feed(id)?.ok_or_else(|| Refusal::not_found("feed"))
}

/// The clocks of a host's schedule, by which floating times and all-day events happen.
fn clocks_of(cx: &Context<'_>, host: &HostId) -> Result<Clocks, StoreError> {
    let host = cx.store.host(host)?.ok_or_else(corrupt)?;
    let schedule = cx
        .store
        .schedule(&host.input.schedule)?
        .ok_or_else(corrupt)?;
    Clocks::of(&schedule.input)
}

fn view(cx: &Context<'_>, feed: &FeedRow) -> Result<Feed, Refusal> {
    let was_read = feed.read_until(clocks_of(cx, &feed.host)?.key()) > UnixSeconds::MIN;
    let error = error_of(feed, cx.now);
    let fetch = cx.store.fetch_of(&feed.id)?.ok_or_else(corrupt)?;
    let refresh = u32::try_from(FEED_REFRESH_SECONDS).unwrap_or(u32::MAX);
    Ok(Feed {
        id: feed.id.clone(),
        host: feed.host.clone(),
        source: feed.source.clone(),
        status: match (&error, was_read) {
            (Some(_), _) => FeedStatus::Failing,
            (None, true) => FeedStatus::Current,
            (None, false) => FeedStatus::Pending,
        },
        error,
        synced_at: feed.synced_at.map(|at| stamped(Tz::UTC, at)).transpose()?,
        next_fetch_at: stamped(Tz::UTC, fetch.due_at.max(fetch.leased_until))?,
        busy_blocks: cx.store.busy_block_count(&feed.id)?,
        freshness_seconds: refresh + FEED_TIMEOUT_SECONDS,
    })
}

/// Why the feed fails, for its owner, and since it is stale, what follows from that.
fn error_of(feed: &FeedRow, now: UnixSeconds) -> Option<String> {
    if !feed.is_stale(now) {
        return feed.error.clone();
    }
    let hours = FEED_STALE_SECONDS / 3_600;
    let stale = format!(
        "The calendar was last read more than {hours} hours ago, so its host offers nothing \
         until it is read again"
    );
    Some(match &feed.error {
        Some(error) => format!("{error}. {stale}"),
        None => stale,
    })
}

// ---------------------------------------------------------------- the effect

/// The request of a fetch that is due. None if the feed's address is lost, which the feed then says.
pub fn request(
    cx: &Context<'_>,
    effect: &EffectRow,
    id: &FeedId,
) -> Result<Option<FetchRequest>, Refusal> {
    let mut feed = cx.store.feed(id)?.ok_or_else(corrupt)?;
    // "Not modified" keeps the horizon where it is, so once too little of it is left (or the
    // host has moved to another zone) the calendar is asked for in full.
    let covered = feed.read_until(clocks_of(cx, &feed.host)?.key());
    let conditional = covered >= cx.now + FEED_COVER_DAYS * 86_400;
    let (etag, last_modified) = if conditional {
        (feed.etag.as_deref(), feed.last_modified.as_deref())
    } else {
        (None, None)
    };
    let Some(url) = cx.url_of(id, feed.slot, &feed.url)? else {
        feed.error = Some(LOST.to_owned());
        feed.failures = feed.failures.saturating_add(1);
        cx.store.put_feed(&feed)?;
        let again = cx.now + backoff(feed.failures);
        cx.store.move_effect(effect.id, again, 0)?;
        return Ok(None);
    };
    let request = feed::request(&url, etag, last_modified);
    let asked_conditionally = etag.is_some() || last_modified.is_some();
    if feed.asked_conditionally != asked_conditionally {
        feed.asked_conditionally = asked_conditionally;
        cx.store.put_feed(&feed)?;
    }
    Ok(Some(request))
}

/// Takes in what became of a fetch.
pub fn settle(
    cx: &Context<'_>,
    effect: &EffectRow,
    id: &FeedId,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let mut feed = cx.store.feed(id)?.ok_or_else(corrupt)?;
    let clocks = clocks_of(cx, &feed.host)?;
    let reading = match outcome {
        Outcome::Fetched(response) => read(response, &feed, cx.now, &clocks),
        Outcome::Failed(failure) => Err(failure.to_string()),
        Outcome::KeysDone | Outcome::KeysFailed => return Err(corrupt()),
    };
    let next = match reading {
        Ok(reading) => {
            let taken_at = effect.leased_until - LEASE_SECONDS;
            take_in(cx, &mut feed, reading, &clocks, taken_at)?
        }
        Err(sentence) => {
            feed.error = Some(sentence);
            feed.failures = feed.failures.saturating_add(1);
            cx.now + backoff(feed.failures)
        }
    };
    cx.store.put_feed(&feed)?;
    // Somebody who asked for a sync while this fetch was under way may know of a later change.
    let asked_meanwhile = effect.due_at < effect.leased_until;
    cx.store
        .move_effect(effect.id, if asked_meanwhile { cx.now } else { next }, 0)?;
    Ok(())
}

/// Reads a response by all of the host's clocks.
fn read(
    response: &FetchResponse,
    feed: &FeedRow,
    now: UnixSeconds,
    clocks: &Clocks,
) -> Result<Reading, String> {
    let by = |zone| {
        feed::read(response, feed.asked_conditionally, now, zone).map_err(|error| error.to_string())
    };
    match by(clocks.zone)? {
        Reading::NotModified => Ok(Reading::NotModified),
        Reading::Busy {
            blocks,
            covered_until,
            etag,
            last_modified,
        } => {
            let (blocks, covered_until) = clocks.with_stays((blocks, covered_until), |zone| {
                match by(zone)? {
                    Reading::Busy {
                        blocks,
                        covered_until,
                        ..
                    } => Ok((blocks, covered_until)),
                    // The same response says the same for every zone.
                    Reading::NotModified => Err("the feed was read in two ways".to_owned()),
                }
            })?;
            Ok(Reading::Busy {
                blocks,
                covered_until,
                etag,
                last_modified,
            })
        }
    }
}

/// Takes in a reading of a fetch that began at `taken_at`, and returns when to fetch next: counted
/// from then, as a change at the source may have come right after.
fn take_in(
    cx: &Context<'_>,
    feed: &mut FeedRow,
    reading: Reading,
    clocks: &Clocks,
    taken_at: UnixSeconds,
) -> Result<UnixSeconds, StoreError> {
    match reading {
        Reading::NotModified if feed.read_until(clocks.key()) == UnixSeconds::MIN => {
            // The host has moved to another zone since this was asked: ask in full at once.
            return Ok(cx.now);
        }
        Reading::NotModified => {}
        Reading::Busy {
            blocks,
            covered_until,
            etag,
            last_modified,
        } => {
            cx.store.replace_busy_blocks(&feed.id, &blocks)?;
            feed.covered_until = Some(covered_until);
            feed.read_by = Some(clocks.key().to_owned());
            feed.etag = etag;
            feed.last_modified = last_modified;
        }
    }
    feed.error = None;
    feed.failures = 0;
    feed.synced_at = Some(cx.now);
    Ok(cx.now.max(taken_at + FEED_REFRESH_SECONDS))
}

/// A minute after the first failure, twice as long after each more, up to an hour.
fn backoff(failures: u32) -> i64 {
    let doubled = FEED_REFRESH_SECONDS.checked_shl(failures.saturating_sub(1).min(16));
    doubled
        .unwrap_or(FEED_BACKOFF_SECONDS)
        .min(FEED_BACKOFF_SECONDS)
}
