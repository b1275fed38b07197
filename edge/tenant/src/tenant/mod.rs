//! The tenant: opened over a store, it executes one command at a time.

mod authorise;
mod bookings;
mod change;
mod check;
mod clocks;
mod erasures;
mod export;
mod feeds;
mod formats;
mod holds;
mod idempotency;
mod limiter;
mod limits;
mod offer;
mod offered;
mod outbox;
mod pages;
mod reasons;
mod sealing;
mod setup;
mod supply;
mod upkeep;

use std::cell::RefCell;

use slotstead_shared::{Interval, TenantId, UnixSeconds};

use crate::{
    call::{Actor, Answer, Call, Command, Moment},
    keyring::{Done, Fill, KeyTask, KeyWork, Keyring, regional::SealingKeys},
    refusal::Refusal,
    settings::Settings,
    store::{Store, StoreError},
    tables::{TenantStore, ledger::Live, migrations, tenants::resident},
};
use limiter::{Kind, Limiter};
use offered::{Offered, offered_once};
use supply::Wish;

/// A tenant over its store.
#[derive(Debug)]
pub struct Tenant<S> {
    store: S,
    settings: Settings,
    limiter: Limiter,
    keyring: RefCell<Keyring>,
    offered: RefCell<Offered>,
}

/// What the handling of one command can reach.
struct Context<'a> {
    store: TenantStore<'a>,
    settings: &'a Settings,
    actor: &'a Actor,
    keyring: &'a RefCell<Keyring>,
    offered: &'a RefCell<Offered>,
    now: UnixSeconds,
    random: [u8; 16],
}

impl Context<'_> {
    /// The claims in `range` that are live now, but for the one with the id `except`.
    fn live<'a>(&self, range: Interval, except: &'a str) -> Live<'a> {
        Live {
            range,
            now: self.now,
            except,
        }
    }
}

impl<S: Store> Tenant<S> {
    /// Opens the tenant over `store` and brings the store to the newest schema.
    ///
    /// A store belongs to the first tenant created in it, and refuses every other.
    pub fn open(store: S, settings: Settings) -> Result<Self, StoreError> {
        migrations::migrate(&store)?;
        let limiter = Limiter::new(settings.rates);
        Ok(Self {
            store,
            settings,
            limiter,
            keyring: RefCell::default(),
            offered: RefCell::default(),
        })
    }

    /// Executes one call in one transaction, or a question as the store reads. On a refusal nothing of it stays but the answer to
    /// an idempotency key, and what the rate limits count in memory.
    pub fn execute(&mut self, call: &Call, moment: Moment) -> Answer {
        self.execute_anew(call, moment, false)
    }

    /// The same. `again`: it was refused for want of a key before, and the rate limits have counted it.
    pub fn execute_anew(&mut self, call: &Call, moment: Moment, again: bool) -> Answer {
        let cx = Context {
            store: TenantStore::new(&self.store, &call.tenant),
            settings: &self.settings,
            actor: &call.actor,
            keyring: &self.keyring,
            offered: &self.offered,
            now: moment.now,
            random: moment.random,
        };
        let mut answer = Err(StoreError("the transaction did not run".to_owned()).into());
        let mut work = || {
            let limiter = (!again).then_some(&mut self.limiter);
            answer = admit(&self.store, limiter, &cx, call)
                .and_then(|()| idempotency::answer_once(&cx, &call.command, || run(&cx, call)));
            answer.is_ok()
        };
        if call.command.only_reads() {
            self.store.read(&mut work)?;
            return answer;
        }
        self.store.transaction(&mut work)?;
        if let Err(refusal) = &answer {
            // The transaction above was rolled back. Nobody can have come in between: this
            // function holds the tenant exclusively, is synchronous, and the store has one
            // writer. So the refusal is as true now as when it was found, and a retry with
            // the same key is told the same. If this second transaction fails, the caller is
            // told that the store failed, was promised nothing, and a retry decides anew.
            idempotency::keep_refusal(&cx, &self.store, &call.command, refusal)?;
        }
        answer
    }

    /// Notes a task of the outbox, whose work [`Self::key_work`] then tells.
    pub fn take_on_keys(&self, task: KeyTask) -> Result<(), StoreError> {
        if let Some(tenant) = self.resident()? {
            self.keyring.borrow_mut().take_on(&tenant, task);
        }
        Ok(())
    }

    /// Whether a task of the outbox is done.
    pub fn has_done_keys(&self, task: KeyTask) -> bool {
        self.keyring.borrow().has_done(task)
    }

    /// Wants the tenant's own keys, so that they are sealed under the regional key that seals now.
    pub fn seal_anew(&self) -> Result<(), StoreError> {
        if let Some(tenant) = self.resident()? {
            self.keyring.borrow_mut().seal_anew(&tenant);
        }
        Ok(())
    }

    /// Whether the tenant's own keys are sealed under the regional key of this name.
    pub fn is_sealed_under(&self, regional: &str) -> bool {
        self.keyring.borrow().is_sealed_under(regional)
    }

    /// How many keys are still to be destroyed: whoever has them may be erased, and be in the vault still.
    pub fn keys_to_destroy(&self) -> Result<i64, StoreError> {
        match self.resident()? {
            Some(tenant) => TenantStore::new(&self.store, &tenant).keys_to_destroy(),
            None => Ok(0),
        }
    }

    /// What is to be done next in the tenant's vault of keys; none when all that was needed is at hand.
    pub fn key_work(
        &self,
        regional: &SealingKeys,
        fill: Fill<'_>,
    ) -> Result<Option<KeyWork>, String> {
        self.keyring.borrow_mut().work(regional, fill)
    }

    /// Takes in what became of a piece of work in the vault, or why it could not be done.
    pub fn key_done(
        &self,
        work: &KeyWork,
        done: Result<Done, String>,
        regional: &SealingKeys,
    ) -> Result<(), String> {
        let mut keyring = self.keyring.borrow_mut();
        let taken = done.and_then(|done| keyring.done(work, done, regional));
        if taken.is_err() {
            keyring.failed(work);
        }
        taken
    }

    /// The tenant that lives here: a region host's alarm knows only its store.
    pub fn resident(&self) -> Result<Option<TenantId>, StoreError> {
        resident(&self.store)
    }

    /// When the region host should call with `TakeEffects`: when the next effect is due, or when
    /// something has expired that only that call would sweep out.
    pub fn next_due(&self) -> Result<Option<UnixSeconds>, StoreError> {
        let Some(tenant) = resident(&self.store)? else {
            return Ok(None);
        };
        let store = TenantStore::new(&self.store, &tenant);
        let due = [store.next_effect_due()?, store.next_sweep_due()?];
        Ok(due.into_iter().flatten().min())
    }
}

/// The checks that come before any command: the right tenant, an actor who may, and not too often.
fn admit(
    store: &dyn Store,
    limiter: Option<&mut Limiter>,
    cx: &Context<'_>,
    call: &Call,
) -> Result<(), Refusal> {
    match (resident(store)?, &call.command) {
        (Some(resident), _) if resident != call.tenant => return Err(Refusal::NoTenant),
        (Some(_), Command::CreateTenant { .. }) => {
            authorise::authorise(cx, &call.command)?;
            return Err(Refusal::TenantExists);
        }
        (Some(_), _) | (None, Command::CreateTenant { .. }) => {}
        (None, _) => return Err(Refusal::NoTenant),
    }
    authorise::authorise(cx, &call.command)?;
    if let (Some(limiter), Some((kinds, client))) =
        (limiter, authorise::limited(&call.actor, &call.command))
    {
        let of_day = Kind::BookingOfDay;
        if kinds.contains(&of_day) && !limiter.knows(of_day, client) {
            limiter.recall(of_day, client, cx.store.answers_to(client, cx.now)?, cx.now);
        }
        for kind in kinds {
            limiter
                .admit(*kind, client, cx.now)
                .map_err(|retry_after_seconds| Refusal::RateLimited {
                    retry_after_seconds,
                })?;
        }
    }
    Ok(())
}

/// The command itself. The actor may give it.
fn run(cx: &Context<'_>, call: &Call) -> Answer {
    use setup::{fields, hosts, profile, resources, schedules, services, tokens};
    match &call.command {
        Command::CreateTenant { sign_up, token } => {
            profile::create(cx, call.tenant.region(), sign_up, token)
        }
        Command::IssueToken { id, token } => tokens::issue(cx, id, token),
        Command::ListTokens => tokens::list(cx),
        Command::RevokeToken { id } => tokens::revoke(cx, id),
        Command::Residency => Ok(profile::residency(cx, call.tenant.region())),
        Command::GetProfile => profile::get(cx),
        Command::PutProfile { profile } => profile::put(cx, profile),
        Command::GetOrigins => profile::get_origins(cx),
        Command::PutOrigins { origins } => profile::put_origins(cx, origins),
        Command::ListServices => services::list(cx),
        Command::PutService { id, service } => services::put(cx, id, service),
        Command::DeleteService { id } => services::delete(cx, id),
        Command::ListHosts => hosts::list(cx),
        Command::PutHost { id, host } => hosts::put(cx, id, host),
        Command::DeleteHost { id } => hosts::delete(cx, id),
        Command::ListResources => resources::list(cx),
        Command::PutResource { id, resource } => resources::put(cx, id, resource),
        Command::DeleteResource { id } => resources::delete(cx, id),
        Command::ListSchedules => schedules::list(cx),
        Command::PutSchedule { id, schedule } => schedules::put(cx, id, schedule),
        Command::DeleteSchedule { id } => schedules::delete(cx, id),
        Command::ListOverrides { schedule } => schedules::list_overrides(cx, schedule),
        Command::PutOverride {
            schedule,
            date,
            value,
        } => schedules::put_override(cx, schedule, *date, value),
        Command::PutOverrides { schedule, value } => schedules::put_overrides(cx, schedule, value),
        Command::DeleteOverride { schedule, date } => {
            schedules::delete_override(cx, schedule, *date)
        }
        Command::ListFields => fields::list(cx),
        Command::PutField { id, field } => fields::put(cx, id, field),
        Command::DeleteField { id } => fields::delete(cx, id),
        Command::ListFeeds => feeds::list(cx),
        Command::PutFeed { id, feed } => feeds::put(cx, id, feed),
        Command::DeleteFeed { id } => feeds::delete(cx, id),
        Command::SyncFeed { id } => feeds::sync(cx, id),
        Command::CheckOrigin => Ok(crate::Reply::Done),
        Command::OpenSession => offer::session(cx),
        Command::OfferSlots {
            service,
            from,
            to,
            zone,
            duration_minutes,
            host,
        } => offered_once(cx, &call.command, || {
            let wish = Wish::find(cx, service, *duration_minutes, host.as_ref())?;
            offer::slots(cx, wish, (*from, *to), zone, None)
        }),
        Command::Explain {
            service,
            date,
            time,
            duration_minutes,
        } => {
            let wish = Wish::find(cx, service, *duration_minutes, None)?;
            reasons::explain(cx, wish, *date, *time)
        }
        Command::PlaceHold { hold, session } => holds::place(cx, hold, session),
        Command::ReleaseHold { id } => holds::release(cx, id),
        Command::Book { booking, .. } => bookings::book(cx, booking),
        Command::GetBooking { id } => bookings::get(cx, id),
        Command::OfferMoves { id, from, to, zone } => {
            change::offer_moves(cx, id, (*from, *to), zone)
        }
        Command::Cancel { id } => change::cancel(cx, id),
        Command::Reschedule { id, to, .. } => change::reschedule(cx, id, to),
        Command::ListBookings { from, to, after } => {
            bookings::list(cx, *from, *to, after.as_deref())
        }
        Command::Export { after } => export::all(cx, after.as_deref()),
        Command::ExportBooking { id } => export::booking(cx, id),
        Command::ErasePerson { erasure } => erasures::erase_person(cx, erasure),
        Command::EraseBooker { id } => erasures::erase_booker(cx, id),
        Command::ListErasures { after } => erasures::list(cx, after.as_deref()),
        Command::TakeEffects { at_most } => {
            cx.store.sweep(cx.now)?;
            outbox::take(cx, *at_most)
        }
        Command::SettleEffect { id, outcome } => outbox::settle(cx, *id, outcome),
        Command::CheckKeys => upkeep::check_keys(cx),
    }
}
