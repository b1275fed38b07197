//! The way from the edge to the Durable Object of a tenant, inside its jurisdiction.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use js_sys::{Function, Reflect};
use slotstead_shared::UnixSeconds;
use slotstead_tenant::{Call, call::Answer};
use wasm_bindgen::{JsCast, JsValue};
use worker::{Delay, Env, EnvBinding, Method, ObjectNamespace, Request, RequestInit};

use super::{clock, random::random};
use crate::{
    config::Config,
    platform::Platform,
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
        let RegionHost::DurableObject { jurisdiction } = host_of(call.tenant.region()) else {
            return Err(RegionError::NotOpen);
        };
        let calling = pin!(self.call_object(jurisdiction, call));
        let deadline = Delay::from(Duration::from_secs(DEADLINE_SECONDS.into()));
        match select(calling, deadline).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(RegionError::TimedOut),
        }
    }
}

impl Workers<'_> {
    async fn call_object(&self, jurisdiction: &str, call: &Call) -> Result<Answer, RegionError> {
        let before = |error: worker::Error| RegionError::Refused(error.to_string());
        let body =
            serde_json::to_string(call).map_err(|error| RegionError::Refused(error.to_string()))?;
        let namespace = self.namespace(jurisdiction).map_err(before)?;
        let id = namespace
            .id_from_name(&self.config.id_key.object_name(&call.tenant))
            .map_err(before)?;
        let stub = id.get_stub().map_err(before)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_body(Some(JsValue::from(body)));
        let request = Request::new_with_init("https://tenant/", &init).map_err(before)?;

        let lost = |error: worker::Error| RegionError::Broken(error.to_string());
        let mut response = stub.fetch_with_request(request).await.map_err(lost)?;
        let text = response.text().await.map_err(lost)?;
        match response.status_code() {
            // The error itself could quote what is in the answer.
            200 => serde_json::from_str(&text).map_err(|error| {
                let column = error.column();
                RegionError::Broken(format!("the answer is malformed at column {column}"))
            }),
            super::object::REFUSED => Err(RegionError::Refused(text)),
            status => Err(RegionError::Broken(format!("status {status}"))),
        }
    }

    /// The namespace, narrowed to the jurisdiction. Local workerd knows none and throws, so the
    /// development switch leaves the narrowing out.
    fn namespace(&self, jurisdiction: &str) -> worker::Result<ObjectNamespace> {
        let whole = Reflect::get(self.env, &NAMESPACE.into())?;
        if self.config.development {
            return ObjectNamespace::get(whole);
        }
        let narrow: Function = Reflect::get(&whole, &"jurisdiction".into())?.dyn_into()?;
        ObjectNamespace::get(narrow.call1(&whole, &jurisdiction.into())?)
    }
}
