//! The way from the edge to the region host of a tenant: a Durable Object inside its jurisdiction, or a
//! region server that is shown the edge's certificate.

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect, Uint8Array};
use slotstead_shared::UnixSeconds;
use slotstead_tenant::{
    Call, Refusal,
    call::Answer,
    host::{FINISHED, Form, fits_header},
};
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, wasm_bindgen_futures::JsFuture, web_sys::ReadableStream};

use super::{clock, hop, random::random};
use crate::{
    config::Config,
    platform::{Finished, Platform},
    region::{DEADLINE_SECONDS, RegionError, RegionHost, host_of, read_answer},
};

/// The binding of the namespace of tenants.
const NAMESPACE: &str = "TENANT";

/// The deadline of a call.
const DEADLINE_MILLIS: u32 = DEADLINE_SECONDS * 1_000;

/// Workers as a platform.
pub struct Workers<'a> {
    pub env: &'a Env,
    pub config: &'a Config,
    /// The body of the answer that goes out as it came.
    pub at_hand: &'a RefCell<Option<ReadableStream>>,
}

/// What came back with a status.
enum Back {
    Bytes(Vec<u8>),
    /// A body that was not read.
    Unread(ReadableStream),
}

impl Platform for Workers<'_> {
    fn now(&self) -> UnixSeconds {
        clock::now()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    async fn call(&self, call: &Call) -> Result<Answer, RegionError> {
        match self.exchange(Form::Whole, call).await? {
            (status, Back::Bytes(body)) => read_answer(status, &body),
            (_, Back::Unread(_)) => Err(RegionError::Broken("a body was not read".to_owned())),
        }
    }

    async fn call_for_body(&self, call: &Call) -> Result<Result<Finished, Refusal>, RegionError> {
        match self.exchange(Form::Body, call).await? {
            (FINISHED, Back::Bytes(body)) => Ok(Ok(Finished::Body(body))),
            (status, Back::Bytes(body)) => Ok(read_answer(status, &body)?.map(Finished::from)),
            (_, Back::Unread(body)) => {
                self.at_hand.replace(Some(body));
                Ok(Ok(Finished::AtHand))
            }
        }
    }
}

impl Workers<'_> {
    /// Sends a call and reads all that comes back, within the deadline. A finished body of a Durable Object,
    /// which is in this process or beside it and sends it in one piece, is not read.
    async fn exchange(&self, form: Form, call: &Call) -> Result<(u16, Back), RegionError> {
        send(self.way(call)?, form, call).await
    }

    /// The way to the one region host that may have the tenant.
    fn way(&self, call: &Call) -> Result<Way<'_>, RegionError> {
        match host_of(call.tenant.region()) {
            RegionHost::DurableObject { jurisdiction, .. } => Ok(Way {
                binding: self.namespace(jurisdiction).map_err(unsent)?,
                name: Some(self.config.id_key.object_name(&call.tenant)),
                origin: hop::OBJECT,
            }),
            RegionHost::RegionServer { binding: name } => {
                let origin = self.config.region_server.as_deref();
                let origin = origin.ok_or(RegionError::NotOpen)?;
                let binding = Reflect::get(self.env, &name.into()).map_err(unsent)?;
                if binding.is_undefined() {
                    return Err(RegionError::Refused(format!("there is no binding {name}")));
                }
                Ok(Way {
                    binding,
                    name: None,
                    origin,
                })
            }
        }
    }

    /// The namespace, narrowed to the jurisdiction. Local workerd knows none and throws, so the
    /// development switch leaves the narrowing out.
    fn namespace(&self, jurisdiction: &str) -> Result<JsValue, JsValue> {
        let whole = Reflect::get(self.env, &NAMESPACE.into())?;
        if self.config.development {
            return Ok(whole);
        }
        let narrow: Function = Reflect::get(&whole, &"jurisdiction".into())?.dyn_into()?;
        narrow.call1(&whole, &jurisdiction.into())
    }
}

/// The way to a region host.
struct Way<'a> {
    binding: JsValue,
    name: Option<String>,
    origin: &'a str,
}

async fn send(way: Way<'_>, form: Form, call: &Call) -> Result<(u16, Back), RegionError> {
    let body =
        serde_json::to_string(call).map_err(|error| RegionError::Refused(error.to_string()))?;
    let url = format!("{}{}", way.origin, form.path());
    // Only what holds nothing of a person goes where headers go: the questions of a page.
    let sent = if form == Form::Body && fits_header(&body) {
        hop::ask(
            &way.binding,
            way.name,
            &url,
            &body,
            DEADLINE_MILLIS,
            FINISHED,
        )
    } else {
        hop::send(&way.binding, way.name, &url, &body, DEADLINE_MILLIS)
    };

    let lost = |error: JsValue| RegionError::Broken(worker::Error::from(error).to_string());
    let answer = JsFuture::from(sent.map_err(unsent)?).await.map_err(lost)?;
    if answer.is_undefined() {
        return Err(RegionError::TimedOut);
    }
    let answer: Array = answer.dyn_into().map_err(lost)?;
    let status = answer.get(0).as_f64().unwrap_or_default();
    let body = match answer.get(1).dyn_into::<Uint8Array>() {
        Ok(bytes) => Back::Bytes(bytes.to_vec()),
        Err(stream) => Back::Unread(stream.dyn_into().map_err(lost)?),
    };
    // A status is a whole number of three digits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let status = status as u16;
    Ok((status, body))
}

/// What failed before anything was sent.
fn unsent(error: JsValue) -> RegionError {
    RegionError::Refused(worker::Error::from(error).to_string())
}
