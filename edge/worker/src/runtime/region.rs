//! The way from the edge to the Durable Object of a tenant, inside its jurisdiction.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use js_sys::{Array, Function, Reflect, Uint8Array};
use slotstead_shared::UnixSeconds;
use slotstead_tenant::{Call, Refusal, call::Answer};
use wasm_bindgen::{JsCast, JsValue};
use worker::{Delay, Env, wasm_bindgen_futures::JsFuture};

use super::{
    clock, hop,
    object::{BODY, FINISHED, REFUSED, WHOLE},
    random::random,
};
use crate::{
    config::Config,
    platform::{Finished, Platform},
    region::{DEADLINE_SECONDS, RegionError, RegionHost, host_of},
};

/// The binding of the namespace of tenants.
const NAMESPACE: &str = "TENANT";

/// Workers as a platform.
pub struct Workers<'a> {
    pub env: &'a Env,
    pub config: &'a Config,
}

impl Platform for Workers<'_> {
    fn now(&self) -> UnixSeconds {
        clock::now()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    async fn call(&self, call: &Call) -> Result<Answer, RegionError> {
        let (status, body) = self.exchange(WHOLE, call).await?;
        answer(status, &body)
    }

    async fn call_for_body(&self, call: &Call) -> Result<Result<Finished, Refusal>, RegionError> {
        let (status, body) = self.exchange(BODY, call).await?;
        if status == FINISHED {
            return Ok(Ok(Finished::Body(body)));
        }
        Ok(answer(status, &body)?.map(Finished::from))
    }
}

impl Workers<'_> {
    /// Sends a call and reads all that comes back, within the deadline.
    async fn exchange(&self, url: &str, call: &Call) -> Result<(u16, Vec<u8>), RegionError> {
        let RegionHost::DurableObject { jurisdiction } = host_of(call.tenant.region()) else {
            return Err(RegionError::NotOpen);
        };
        let calling = pin!(self.call_object(jurisdiction, url, call));
        let deadline = Delay::from(Duration::from_secs(DEADLINE_SECONDS.into()));
        match select(calling, deadline).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(RegionError::TimedOut),
        }
    }

    async fn call_object(
        &self,
        jurisdiction: &str,
        url: &str,
        call: &Call,
    ) -> Result<(u16, Vec<u8>), RegionError> {
        let before = |error: JsValue| RegionError::Refused(worker::Error::from(error).to_string());
        let body =
            serde_json::to_string(call).map_err(|error| RegionError::Refused(error.to_string()))?;
        let namespace = self.namespace(jurisdiction).map_err(before)?;
        let name = self.config.id_key.object_name(&call.tenant);
        // Only what holds nothing of a person goes where headers go: the questions of a page.
        let sent = if url == BODY && hop::fits(&body) {
            hop::ask(&namespace, &name, url, &body)
        } else {
            hop::send(&namespace, &name, url, &body)
        };
        let sent = sent.map_err(before)?;

        let lost = |error: JsValue| RegionError::Broken(worker::Error::from(error).to_string());
        let answer: Array = JsFuture::from(sent)
            .await
            .and_then(JsCast::dyn_into)
            .map_err(lost)?;
        let status = answer.get(0).as_f64().unwrap_or_default();
        let body: Uint8Array = answer.get(1).dyn_into().map_err(lost)?;
        // A status is a whole number of three digits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let status = status as u16;
        Ok((status, body.to_vec()))
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

/// An answer as the object wrote it.
fn answer(status: u16, body: &[u8]) -> Result<Answer, RegionError> {
    match status {
        // The error itself could quote what is in the answer.
        200 => serde_json::from_slice(body).map_err(|error| {
            let column = error.column();
            RegionError::Broken(format!("the answer is malformed at column {column}"))
        }),
        REFUSED => Err(RegionError::Refused(
            String::from_utf8_lossy(body).into_owned(),
        )),
        status => Err(RegionError::Broken(format!("status {status}"))),
    }
}
