//! The way from the edge to the region host of a tenant: a Durable Object inside its jurisdiction, or a
//! region server that is shown the edge's certificate.

use std::cell::RefCell;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use slotstead_shared::UnixSeconds;
use slotstead_tenant::{
    Call, Refusal,
    call::Answer,
    host::{FINISHED, Form, fits_header},
};
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, wasm_bindgen_futures::JsFuture};

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
    pub at_hand: &'a RefCell<Option<JsValue>>,
}

impl Platform for Workers<'_> {
    fn now(&self) -> UnixSeconds {
        clock::now()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    async fn call(&self, call: &Call) -> Result<Answer, RegionError> {
        let (status, body) = self.exchange(Form::Whole, call).await?;
        read_answer(status, &bytes(body)?)
    }

    async fn call_for_body(&self, call: &Call) -> Result<Result<Finished, Refusal>, RegionError> {
        let (status, body) = self.exchange(Form::Body, call).await?;
        if status == FINISHED {
            self.at_hand.replace(Some(body));
            return Ok(Ok(Finished::AtHand));
        }
        Ok(read_answer(status, &bytes(body)?)?.map(Finished::from))
    }
}

impl Workers<'_> {
    /// Carries a call to the one region host that may have the tenant: a status and a body, within the deadline.
    async fn exchange(&self, form: Form, call: &Call) -> Result<(u16, JsValue), RegionError> {
        let text = serde_json::to_string(call);
        let text = text.map_err(|error| RegionError::Refused(error.to_string()))?;
        // Only what holds nothing of a person goes where headers go: the questions of a page.
        let header = form == Form::Body && fits_header(&text);
        let answer = self.send(form, call, &text, header)?;
        let answer = JsFuture::from(answer).await.map_err(lost)?;
        if answer.is_undefined() {
            return Err(RegionError::TimedOut);
        }
        let answer: Array = answer.dyn_into().map_err(lost)?;
        // A status is a whole number of three digits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let status = answer.get(0).as_f64().unwrap_or_default() as u16;
        Ok((status, answer.get(1)))
    }

    fn send(
        &self,
        form: Form,
        call: &Call,
        text: &str,
        header: bool,
    ) -> Result<Promise, RegionError> {
        match host_of(call.tenant.region()) {
            RegionHost::DurableObject { jurisdiction, .. } => hop::to_object(
                &self.namespace(jurisdiction).map_err(unsent)?,
                &self.config.id_key.object_name(&call.tenant),
                &format!("{}{}", hop::OBJECT, form.path()),
                text,
                header,
                !call.command.only_reads(),
                DEADLINE_MILLIS,
                FINISHED,
            ),
            RegionHost::RegionServer { binding: name } => {
                let origin = self.config.region_server.as_deref();
                let origin = origin.ok_or(RegionError::NotOpen)?;
                let binding = Reflect::get(self.env, &name.into()).map_err(unsent)?;
                if binding.is_undefined() {
                    return Err(RegionError::Refused(format!("there is no binding {name}")));
                }
                let url = format!("{origin}{}", form.path());
                hop::to_server(&binding, &url, text, header, DEADLINE_MILLIS)
            }
        }
        .map_err(unsent)
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

fn bytes(body: JsValue) -> Result<Vec<u8>, RegionError> {
    let bytes: Uint8Array = body.dyn_into().map_err(lost)?;
    Ok(bytes.to_vec())
}

/// What may have been carried out all the same.
fn lost(error: JsValue) -> RegionError {
    RegionError::Broken(worker::Error::from(error).to_string())
}

/// What failed before anything was sent.
fn unsent(error: JsValue) -> RegionError {
    RegionError::Refused(worker::Error::from(error).to_string())
}
