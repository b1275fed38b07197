//! The Durable Object that hosts one tenant: it adds the moment, executes the call, keeps the alarm.
//!
//! One object is one tenant's only writer. `execute` runs between two awaits, so no other request
//! is ever inside it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use futures_util::future::join_all;
use js_sys::{Promise, Reflect};
use slotstead_shared::{Region, UnixSeconds};
use slotstead_tenant::{
    Call, Command, Effect, Moment, Outcome, Settings, Tenant,
    effect::Action,
    host::{
        self, EFFECTS_AT_ONCE, Form, REFUSED,
        together::{self, Answers, TOGETHER},
        vault::{ROUNDS, needs_keys, outcome, without_keys},
    },
    keyring::KeyTask,
    store::remembering::Remembering,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use worker::{
    Delay, Env, ScheduledTime, State,
    wasm_bindgen_futures::{JsFuture, future_to_promise},
    web_sys,
    worker_sys::DurableObjectState,
};

use super::{clock, effects, hop, keys::Keys, random::random, sql::ObjectStore};
use crate::{places, region::may_hold};

/// Seconds during which one alarm takes on more effects; the platform ends it after 15 minutes.
const ALARM_SECONDS: i64 = 600;

/// How often free hands look for what has become due while others are still busy.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Seconds after which the alarm looks again when it could not find out what is due.
const RETRY_SECONDS: i64 = 30;

/// The object, as the platform knows it: what the macro of the `worker` crate would write, but for a call
/// that can be answered without a wait. That one needs no promise, and a promise costs more than its answer.
#[wasm_bindgen]
pub struct TenantObject(Rc<Object>);

#[wasm_bindgen]
impl TenantObject {
    /// Migrations run here, synchronously, before any request can come in.
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the platform hands its objects over"
    )]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let state = State::from(state);
        let host = Host::open(&state, &env);
        if let Err(error) = &host {
            worker::console_error!("tenant object: {error}");
        }
        Self(Rc::new(Object {
            state,
            host,
            writes: hop::Gathering::new(),
            alarm_at: Cell::new(None),
        }))
    }

    /// Answers a call: with the answer or with a promise of it.
    pub fn fetch(&self, request: web_sys::Request) -> Result<JsValue, JsValue> {
        let object = Rc::clone(&self.0);
        let Some(call) = hop::asked(&request) else {
            let answer = async move { object.read_and_answer(request).await };
            return Ok(future_to_promise(answer).into());
        };
        let asked = match object.read(&request.url(), &call) {
            Ok(asked) => asked,
            Err(why) => return reply(refusal(&why)),
        };
        if !asked.call.command.only_reads() {
            let answer = async move { object.answer_gathered(&asked).await };
            return Ok(future_to_promise(answer).into());
        }
        match object.answer_now(&asked, asked.again) {
            Some(Answered { due: false, answer }) => reply(answer),
            Some(answered) => {
                let answer = async move { reply(object.hand_out(answered).await) };
                Ok(future_to_promise(answer).into())
            }
            None => {
                let answer = async move { reply(object.answer_again(&asked).await) };
                Ok(future_to_promise(answer).into())
            }
        }
    }

    /// Carries out what is due.
    pub fn alarm(&self) -> Promise {
        let object = Rc::clone(&self.0);
        future_to_promise(async move {
            object.alarm().await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

struct Object {
    state: State,
    host: Result<Host, String>,
    /// What wants to write. The platform commits once for all that is written in one go, so that what comes at
    /// the same time shares one commit and one wait for the disk.
    writes: hop::Gathering,
    /// The alarm as last set by this instance.
    alarm_at: Cell<Option<UnixSeconds>>,
}

struct Host {
    tenant: Rc<RefCell<Tenant<Remembering<ObjectStore>>>>,
    keys: Keys<Remembering<ObjectStore>>,
    development: bool,
    jurisdiction: Option<String>,
}

/// A call that was let in, and what kind of answer it wants.
struct Asked {
    call: Call,
    form: Form,
    /// Whether the rate limits have counted it.
    again: bool,
}

/// The status and the body of an answer.
type Written = (u16, Vec<u8>);

/// An executed call.
struct Answered {
    answer: Written,
    /// Whether the alarm is to be looked at before the answer goes out.
    due: bool,
}

impl Answered {
    fn refused(why: &str) -> Self {
        Self {
            answer: refusal(why),
            due: false,
        }
    }
}

impl Object {
    async fn read_and_answer(&self, request: web_sys::Request) -> Result<JsValue, JsValue> {
        let text = JsFuture::from(request.text()?).await?;
        let text = text.as_string().unwrap_or_default();
        let url = request.url();
        if url.strip_prefix(hop::OBJECT) == Some(together::PATH) {
            return self.answer_together(&text).await;
        }
        match self.read(&url, &text) {
            Ok(asked) => self.answer_gathered(&asked).await,
            Err(why) => reply(refusal(&why)),
        }
    }

    /// Answers a call; one that writes, with the others that come at the same time.
    async fn answer_gathered(&self, asked: &Asked) -> Result<JsValue, JsValue> {
        if !asked.call.command.only_reads() {
            JsFuture::from(self.writes.over()?).await?;
        }
        reply(self.answer(asked).await)
    }

    /// Answers calls that came together, one after the other: they have been gathered. One that needs keys is
    /// not waited for: it comes again by itself.
    async fn answer_together(&self, calls: &str) -> Result<JsValue, JsValue> {
        let mut answers = Answers::default();
        let mut due = false;
        for (url, call) in together::calls(calls) {
            if !answers.have_room() {
                break;
            }
            let answered = match self.read(url, call) {
                Ok(asked) => self.answer_now(&asked, asked.again),
                Err(why) => Some(Answered::refused(&why)),
            };
            match answered {
                Some(answered) => {
                    due |= answered.due;
                    let (status, body) = answered.answer;
                    answers.push(status, &body);
                }
                None => answers.push_none(),
            }
        }
        if due {
            self.schedule().await;
        }
        hop::reply(TOGETHER, &answers.into_bytes())
    }

    /// Reads a call and lets it in, or says why not.
    fn read(&self, url: &str, call: &str) -> Result<Asked, String> {
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let form = url.strip_prefix(hop::OBJECT).and_then(Form::of_path);
        let host = self.host.as_ref()?;
        let form = form.ok_or("there is no such form of an answer")?;
        let call = host::read_call(call.as_bytes())?;
        host.admit(&call)?;
        Ok(Asked {
            call,
            form,
            again: query == together::AGAIN,
        })
    }

    /// Executes a call, if all the keys that it needs are at hand. `again`: the rate limits have counted it.
    fn answer_now(&self, asked: &Asked, again: bool) -> Option<Answered> {
        let Asked { call, form, .. } = asked;
        let host = match &self.host {
            Ok(host) => host,
            Err(error) => return Some(Answered::refused(error)),
        };
        let answer = host.tenant.borrow_mut().execute_anew(call, moment(), again);
        if needs_keys(&answer) {
            return None;
        }
        Some(Answered {
            due: self.is_to_be_scheduled(host, &call.command),
            answer: host::written(&answer, *form),
        })
    }

    /// An answer, once the alarm was looked at if it is to be.
    async fn hand_out(&self, answered: Answered) -> Written {
        if answered.due {
            self.schedule().await;
        }
        answered.answer
    }

    async fn answer(&self, asked: &Asked) -> Written {
        match self.answer_now(asked, asked.again) {
            Some(answered) => self.hand_out(answered).await,
            None => self.answer_again(asked).await,
        }
    }

    /// Executes a call again that turned out to need keys.
    async fn answer_again(&self, asked: &Asked) -> Written {
        for _ in 0..ROUNDS {
            let brought = match &self.host {
                Ok(host) => host.keys.bring(asked.call.tenant.region()).await,
                Err(_) => false,
            };
            if let Some(answered) = self.answer_now(asked, true) {
                return self.hand_out(answered).await;
            }
            if !brought {
                break;
            }
        }
        without_keys(asked.form)
    }

    /// Whether the alarm may have to be set after this command. The platform keeps an alarm once it is set;
    /// after a restart the first call looks all the same.
    fn is_to_be_scheduled(&self, host: &Host, command: &Command) -> bool {
        let set = self.alarm_at.get();
        if set.is_some() && command.only_reads() {
            return false;
        }
        match host.tenant.borrow().next_due() {
            Ok(due) => due.is_some() && due != set,
            Err(_) => true,
        }
    }

    /// Reports success to the platform whatever happens, because it schedules its own next run; the
    /// platform gives an alarm up after six failures.
    async fn alarm(&self) {
        self.alarm_at.set(None);
        match &self.host {
            Ok(host) => {
                match host.carry_out_effects().await {
                    Ok(()) => self.schedule().await,
                    // What could not be taken is due still, and would be at once.
                    Err(error) => {
                        worker::console_error!("alarm: {error}");
                        self.set_alarm(clock::now() + RETRY_SECONDS).await;
                    }
                }
            }
            Err(error) => {
                worker::console_error!("alarm: {error}");
                self.set_alarm(clock::now() + RETRY_SECONDS).await;
            }
        }
    }

    /// Sets the alarm to when the next effect is due, unless it is set to that already.
    async fn schedule(&self) {
        let Ok(host) = &self.host else {
            return;
        };
        let due = match host.tenant.borrow().next_due() {
            Ok(Some(due)) => due,
            Ok(None) => return,
            Err(error) => {
                worker::console_error!("next due: {error}");
                clock::now() + RETRY_SECONDS
            }
        };
        if self.alarm_at.get() != Some(due) {
            self.set_alarm(due).await;
        }
    }

    /// The call that led here is committed, so its answer does not depend on the alarm: a failure
    /// is written down, and the next call tries again.
    async fn set_alarm(&self, due: UnixSeconds) {
        let at = ScheduledTime::new(js_sys::Date::new(&JsValue::from_f64(millis(due))));
        match self.state.storage().set_alarm(at).await {
            Ok(()) => self.alarm_at.set(Some(due)),
            Err(error) => worker::console_error!("set alarm: {error}"),
        }
    }
}

impl Host {
    fn open(state: &State, env: &Env) -> Result<Self, String> {
        let config = super::config(env).map_err(|mistakes| {
            let names: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            format!("misconfigured: {}", names.join("; "))
        })?;
        let store = ObjectStore::of(state).map_err(|error| error.to_string())?;
        let jurisdiction = jurisdiction(state);
        let settings = Settings {
            places: places::of_object(jurisdiction.as_deref(), config.development),
            ..config.settings.clone()
        };
        let tenant =
            Tenant::open(Remembering::new(store), settings).map_err(|error| error.to_string())?;
        let tenant = Rc::new(RefCell::new(tenant));
        Ok(Self {
            development: config.development,
            keys: Keys::new(env.clone(), config, Rc::clone(&tenant)),
            tenant,
            jurisdiction,
        })
    }

    /// Refuses a tenant of another region than the platform keeps this object in (fail closed).
    fn admit(&self, call: &Call) -> Result<(), &'static str> {
        if self.development || may_hold(call.tenant.region(), self.jurisdiction.as_deref()) {
            Ok(())
        } else {
            Err("the object is not in the jurisdiction of the tenant's region")
        }
    }

    /// The region of the tenant that lives here.
    fn region(&self) -> Result<Region, String> {
        let resident = self.tenant.borrow().resident();
        let resident = resident.map_err(|error| error.to_string())?;
        resident
            .map(|tenant| tenant.region())
            .ok_or_else(|| "the store has no tenant".to_owned())
    }

    async fn carry_out_effects(&self) -> Result<(), String> {
        let alarm = Alarm {
            until: clock::now() + ALARM_SECONDS,
            busy: Cell::new(0),
        };
        let hands = (0..EFFECTS_AT_ONCE).map(|_| self.carry_out_one_by_one(&alarm));
        join_all(hands).await.into_iter().collect()
    }

    /// Carries out one effect after the other, until none is due and nothing is under way: a slow
    /// one keeps no other waiting, not even one that becomes due meanwhile, as there is one alarm.
    async fn carry_out_one_by_one(&self, alarm: &Alarm) -> Result<(), String> {
        while clock::now() < alarm.until {
            if let Some(effect) = self.take_effect().await? {
                alarm.busy.set(alarm.busy.get() + 1);
                self.carry_out(effect).await;
                alarm.busy.set(alarm.busy.get() - 1);
            } else if alarm.busy.get() == 0 {
                break;
            } else {
                Delay::from(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }

    async fn take_effect(&self) -> Result<Option<Effect>, String> {
        for _ in 0..ROUNDS {
            let taken = host::take_effect(&mut self.tenant.borrow_mut(), moment());
            if !needs_keys(&taken) || !self.keys.bring(self.region()?).await {
                return taken.map_err(|refusal| refusal.to_string());
            }
        }
        Err("there is no end to the keys that an effect needs".to_owned())
    }

    async fn carry_out(&self, effect: Effect) {
        let outcome = match &effect.action {
            Action::Fetch(request) => effects::fetch(request, self.development).await,
            Action::Keys(task) => self.carry_out_keys(*task).await,
        };
        let mut tenant = self.tenant.borrow_mut();
        if let Err(error) = host::settle_effect(&mut tenant, effect.id, outcome, moment()) {
            worker::console_error!("settle effect: {error}");
        }
    }
}

impl Host {
    async fn carry_out_keys(&self, task: KeyTask) -> Outcome {
        let taken_on = self.tenant.borrow().take_on_keys(task);
        if let (Ok(()), Ok(region)) = (taken_on, self.region()) {
            self.keys.bring(region).await;
        }
        outcome(&self.tenant.borrow(), task)
    }
}

/// One run of the alarm.
struct Alarm {
    until: UnixSeconds,
    /// Effects under way.
    busy: Cell<u32>,
}

fn moment() -> Moment {
    Moment {
        now: clock::now(),
        random: random(),
    }
}

/// `ctx.id.jurisdiction`, which worker 0.8.7 does not wrap.
fn jurisdiction(state: &State) -> Option<String> {
    let id = Reflect::get(state.as_raw(), &"id".into()).ok()?;
    Reflect::get(&id, &"jurisdiction".into()).ok()?.as_string()
}

fn millis(at: UnixSeconds) -> f64 {
    // Seconds of the years 1970 to 9999 are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let seconds = at as f64;
    seconds * 1_000.0
}

fn refusal(why: &str) -> Written {
    worker::console_error!("tenant object refuses: {why}");
    (REFUSED, why.as_bytes().to_vec())
}

fn reply((status, body): Written) -> Result<JsValue, JsValue> {
    hop::reply(status, &body)
}
