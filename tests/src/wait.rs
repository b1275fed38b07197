//! Waiting without guessing: poll a condition, with a bound.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// The pause between two looks. It spares the processor and decides nothing.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks until there is an answer, at most for `bound`; panics with `what` when there is none.
pub async fn wait_for<T, F>(what: &str, bound: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + bound;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {bound:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until a condition holds, at most for `bound`; panics with `what` when it never does.
pub async fn wait_until<F>(what: &str, bound: Duration, mut holds: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    let mut ask = || {
        let held = holds();
        async move { held.await.then_some(()) }
    };
    wait_for(what, bound, &mut ask).await;
}
