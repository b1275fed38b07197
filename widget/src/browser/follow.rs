//! How the view follows the flow.
//!
//! All of these are boxed, so that each is one type for all of the view: every further
//! type of closure or memo costs the visitor about a kilobyte of code.

use std::{any::Any, marker::PhantomData, sync::Arc};

use leptos::prelude::*;

use super::Booker;
use crate::flow::Flow;

/// A text that follows the flow.
pub(crate) type Text = Box<dyn FnMut() -> String + Send>;
/// A text that follows the flow, or nothing.
pub(crate) type Maybe = Box<dyn FnMut() -> Option<String> + Send>;
/// A yes or no that follows the flow.
pub(crate) type Flag = Box<dyn FnMut() -> bool + Send>;
/// A part of the view that follows the flow.
pub(crate) type Part = Box<dyn FnMut() -> AnyView + Send>;

/// Something read of the flow, of any type, so that all memos are one type.
#[derive(Clone)]
struct Seen {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&(dyn Any + Send + Sync), &(dyn Any + Send + Sync)) -> bool,
}

impl Seen {
    fn new<T: PartialEq + Send + Sync + 'static>(value: T) -> Self {
        Self {
            value: Arc::new(value),
            same: |one, other| match (one.downcast_ref::<T>(), other.downcast_ref::<T>()) {
                (Some(one), Some(other)) => one == other,
                _ => false,
            },
        }
    }
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

/// Something of the flow that a component follows; it changes only when the value does.
pub(crate) struct Reading<T> {
    memo: Memo<Seen>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reading<T> {}

impl<T: 'static> Reading<T> {
    /// Something of the value, followed.
    pub(crate) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let seen = self.memo.get();
        read(
            seen.value
                .downcast_ref()
                .expect("the memo was made for this type"),
        )
    }
}

impl Booker {
    /// Something of the flow, followed for as long as the component lives.
    pub(crate) fn read<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Flow) -> T + Send + Sync + 'static,
    ) -> Reading<T> {
        Reading {
            memo: self.memo(Box::new(move |flow| Seen::new(read(flow)))),
            kind: PhantomData,
        }
    }

    fn memo(self, read: Box<dyn Fn(&Flow) -> Seen + Send + Sync>) -> Memo<Seen> {
        Memo::new(move |_| {
            let mut seen = None;
            self.look(&mut |flow| seen = Some(read(flow)));
            seen.expect("looking calls back at once")
        })
    }

    /// A text of the flow, followed by the node or attribute that shows it.
    pub(crate) fn text(self, read: impl Fn(&Flow) -> String + Send + 'static) -> Text {
        Box::new(move || {
            let mut text = String::new();
            self.look(&mut |flow| text = read(flow));
            text
        })
    }

    /// The same for what may be absent.
    pub(crate) fn maybe(self, read: impl Fn(&Flow) -> Option<String> + Send + 'static) -> Maybe {
        Box::new(move || {
            let mut text = None;
            self.look(&mut |flow| text = read(flow));
            text
        })
    }

    /// The same for yes or no.
    pub(crate) fn flag(self, read: impl Fn(&Flow) -> bool + Send + 'static) -> Flag {
        Box::new(move || {
            let mut flag = false;
            self.look(&mut |flow| flag = read(flow));
            flag
        })
    }

    /// A part of the view that is built anew when what it reads of the flow has changed.
    pub(crate) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Flow) -> T + Send + Sync + 'static,
        build: impl Fn(T) -> AnyView + Send + 'static,
    ) -> Part {
        let reading = self.read(read);
        Box::new(move || build(reading.with(T::clone)))
    }
}
