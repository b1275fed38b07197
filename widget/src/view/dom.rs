//! Elements in which everything is of one type: the tag is a value, attributes and
//! children are lists, what follows the flow is boxed.

use std::borrow::Cow;

use leptos::{
    ev,
    html::custom,
    prelude::*,
    tachys::{
        html::{
            attribute::{
                any_attribute::{AnyAttribute, IntoAnyAttribute},
                custom::custom_attribute,
            },
            event::on,
            property::prop,
        },
        view::iterators::StaticVec,
    },
};
use web_sys::Event;

use crate::browser::{Flag, Maybe, Part, Text};

/// An element being put together.
pub(super) struct Element {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// An element with this tag.
pub(super) fn el(tag: &'static str) -> Element {
    Element {
        tag,
        attributes: Vec::new(),
        children: Vec::new(),
    }
}

/// A heading that takes the focus when its step comes.
pub(super) fn heading(focus: &'static str, words: impl Child) -> Element {
    el("h3")
        .attr("tabindex", "-1")
        .attr("data-focus", focus)
        .child(words)
}

impl Element {
    /// An attribute that stays.
    pub(super) fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value: Cow<'static, str> = value.into();
        self.attributes
            .push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// An attribute that stays, if there is one.
    pub(super) fn attr_if(
        self,
        name: &'static str,
        value: Option<impl Into<Cow<'static, str>>>,
    ) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// The class.
    pub(super) fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// The name by which a page's own style sheet reaches it.
    pub(super) fn part(self, part: &'static str) -> Self {
        self.attr("part", part)
    }

    /// An attribute that follows the flow and is absent for `None`.
    pub(super) fn live(mut self, name: &'static str, value: Maybe) -> Self {
        self.attributes
            .push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// A control's text, following the flow.
    pub(super) fn value(mut self, value: Text) -> Self {
        self.attributes.push(prop("value", value).into_any_attr());
        self
    }

    /// A control's tick, following the flow.
    pub(super) fn checked(mut self, checked: Flag) -> Self {
        self.attributes
            .push(prop("checked", checked).into_any_attr());
        self
    }

    /// What to do when something happens.
    pub(super) fn on(mut self, event: &'static str, act: impl FnMut(Event) + 'static) -> Self {
        let act: Box<dyn FnMut(Event)> = Box::new(act);
        self.attributes
            .push(on(ev::Custom::<Event>::new(event), act).into_any_attr());
        self
    }

    /// A child.
    pub(super) fn child(mut self, child: impl Child) -> Self {
        child.add_to(&mut self.children);
        self
    }

    /// Done.
    pub(super) fn view(self) -> AnyView {
        custom(self.tag)
            .child(StaticVec::from(self.children))
            .add_any_attr(self.attributes)
            .into_any()
    }
}

/// Several views beside one another.
pub(super) fn views(views: impl IntoIterator<Item = AnyView>) -> AnyView {
    StaticVec::from(views.into_iter().collect::<Vec<_>>()).into_any()
}

/// No view.
pub(super) fn nothing() -> AnyView {
    ().into_any()
}

/// What can stand in an element.
pub(super) trait Child {
    fn add_to(self, children: &mut Vec<AnyView>);
}

impl Child for AnyView {
    fn add_to(self, children: &mut Vec<AnyView>) {
        children.push(self);
    }
}

impl Child for Element {
    fn add_to(self, children: &mut Vec<AnyView>) {
        children.push(self.view());
    }
}

impl Child for String {
    fn add_to(self, children: &mut Vec<AnyView>) {
        children.push(self.into_any());
    }
}

impl Child for Text {
    fn add_to(self, children: &mut Vec<AnyView>) {
        children.push(self.into_any());
    }
}

impl Child for Part {
    fn add_to(self, children: &mut Vec<AnyView>) {
        children.push(self.into_any());
    }
}

impl<C: Child> Child for Option<C> {
    fn add_to(self, children: &mut Vec<AnyView>) {
        if let Some(child) = self {
            child.add_to(children);
        }
    }
}
