//! The widget as a visitor meets it: found by its hooks in the open shadow root, used by what is
//! written on it.
//!
//! The hooks are `data-step` on the step shown, `data-date` on a day and `data-slot` on a time.
//! Everything else goes by the words and the labels, as it does for people.

use std::time::Instant;

use serde_json::{Value, json};
use thirtyfour::{Key, WebElement};

use crate::{
    browser::{PATIENCE, Window},
    wait::{wait_for, wait_until},
};

/// Stops of the Tab key to try before giving up; the whole page has fewer.
const STOPS: usize = 120;

/// What every script here starts with.
const PRELUDE: &str = "
    const root = [...document.querySelectorAll('*')].map((element) => element.shadowRoot)
      .find((shadow) => shadow && shadow.querySelector('[data-step]'));
    const all = (selector) => root ? [...root.querySelectorAll(selector)] : [];
    const visible = (element) => element.checkVisibility({ visibilityProperty: true });
    const off = (element) => element.disabled || element.getAttribute('aria-disabled') === 'true';
    const words = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
    const name = (element) => words(element.getAttribute('aria-label') ?? element.innerText);
    const labelled = (text) => all('input, textarea, select').find((control) =>
      [...(control.labels ?? [])].some((label) => words(label.innerText).startsWith(text)));
    const button = (text) => all('button, a[href], summary')
      .find((element) => visible(element) && !off(element)
        && (name(element).startsWith(text) || words(element.innerText).startsWith(text)));
    const freeDays = () => all('[data-date]')
      .filter((day) => visible(day) && !off(day) && /\\d+ times? free/.test(name(day)));
    const focused = () => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element;
    };
";

impl Window {
    async fn ask(&self, script: &str, arguments: &[Value]) -> Value {
        self.run(&format!("{PRELUDE}{script}"), arguments).await
    }

    async fn find(&self, script: &str, arguments: &[Value]) -> Option<WebElement> {
        // Scrolled to at once: a page that scrolls smoothly would move it away from under a click.
        let script = format!(
            "{PRELUDE}const found = (() => {{ {script} }})();
             found?.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
             return found;"
        );
        self.element(&script, arguments).await
    }

    /// The step that is shown.
    pub async fn step(&self) -> Option<String> {
        let step = self
            .ask(
                "return root?.querySelector('[data-step]').dataset.step ?? null;",
                &[],
            )
            .await;
        step.as_str().map(str::to_owned)
    }

    /// Waits until a step is shown.
    pub async fn reaches(&self, step: &str) {
        let mut last = None;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            last = self.step().await;
            if last.as_deref() == Some(step) {
                return;
            }
        }
        let text = self.text().await;
        panic!("the step {step} is not reached; {last:?} shows:\n{text}");
    }

    /// Everything the widget shows.
    pub async fn text(&self) -> String {
        let text = self
            .ask(
                "return words(root?.querySelector('[data-step]').innerText);",
                &[],
            )
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the widget shows a text.
    pub async fn says(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.text().await;
            if shown.contains(text) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{text:?} is not said in:\n{shown}"
            );
        }
    }

    /// Clicks, with the mouse, the button or link whose name begins with `text`.
    pub async fn click(&self, text: &str) {
        let what = format!("a button named {text:?}");
        self.click_found(
            &what,
            "return button(arguments[0]) ?? null;",
            &[json!(text)],
        )
        .await;
    }

    /// Clicks such a button if it is there now.
    pub async fn try_click(&self, text: &str) -> bool {
        match self
            .find("return button(arguments[0]) ?? null;", &[json!(text)])
            .await
        {
            Some(button) => button.click().await.is_ok(),
            None => false,
        }
    }

    /// Whether there is such a button.
    pub async fn has_button(&self, text: &str) -> bool {
        self.find("return button(arguments[0]) ?? null;", &[json!(text)])
            .await
            .is_some()
    }

    /// The view may be drawn anew between finding and clicking, so both are tried again together.
    async fn click_found(&self, what: &str, script: &str, arguments: &[Value]) {
        wait_until(what, PATIENCE, || async {
            match self.find(script, arguments).await {
                Some(element) => element.click().await.is_ok(),
                None => false,
            }
        })
        .await;
    }

    /// The days of the month shown that have free times.
    pub async fn free_days(&self) -> Vec<String> {
        let days = self
            .ask("return freeDays().map((day) => day.dataset.date);", &[])
            .await;
        texts(&days)
    }

    /// Waits until there are free days, goes to them when they are in a later month, and clicks
    /// the one at `index`.
    pub async fn choose_day(&self, index: usize) -> String {
        let date = wait_for("a free day", PATIENCE, || async {
            self.try_click("Show it").await;
            let days = self.free_days().await;
            days.get(index.min(days.len().saturating_sub(1))).cloned()
        })
        .await;
        self.choose_date(&date).await;
        date
    }

    /// Clicks a date of the month shown.
    pub async fn choose_date(&self, date: &str) {
        let script = "return freeDays().find((day) => day.dataset.date === arguments[0]) ?? null;";
        self.click_found(&format!("the free day {date}"), script, &[json!(date)])
            .await;
        wait_until("the times of that day", PATIENCE, || async {
            let slots = self.slots().await;
            !slots.is_empty() && slots.iter().all(|slot| slot.starts_with(date))
        })
        .await;
    }

    /// Shows the month of a date and clicks the date.
    pub async fn go_to_date(&self, date: &str) {
        // One look decides: between two, the month may have arrived.
        let script = "const days = freeDays().map((day) => day.dataset.date);
            if (days.includes(arguments[0])) return 'here';
            return days.length || button('Show it') ? 'elsewhere' : 'loading';";
        wait_until(&format!("the month of {date}"), PATIENCE, || async {
            let place = self.ask(script, &[json!(date)]).await;
            if place == "elsewhere" {
                self.try_click("Next month").await;
            }
            place == "here"
        })
        .await;
        self.choose_date(date).await;
    }

    /// The times of the day in hand, as instants with their offsets.
    pub async fn slots(&self) -> Vec<String> {
        let slots = self
            .ask(
                "return all('[data-slot]').filter((slot) => visible(slot) && !off(slot))
                   .map((slot) => slot.dataset.slot);",
                &[],
            )
            .await;
        texts(&slots)
    }

    /// The times of the day in hand, as an assistive technology would name them.
    pub async fn slot_names(&self) -> Vec<String> {
        let names = self
            .ask("return all('[data-slot]').filter(visible).map(name);", &[])
            .await;
        texts(&names)
    }

    /// Clicks a time.
    pub async fn choose_slot(&self, slot: &str) {
        let script = "return all('[data-slot]').find((slot) => slot.dataset.slot === arguments[0]
            && visible(slot)) ?? null;";
        self.click_found(&format!("the time {slot}"), script, &[json!(slot)])
            .await;
    }

    /// The height of the widget, and what of it sticks out of its frame sideways.
    pub async fn frame(&self) -> (f64, Vec<String>) {
        let frame = self
            .ask(
                "const frame = all('.frame')[0].getBoundingClientRect();
                 const out = all('.sheet *').filter(visible).filter((element) => {
                   const box = element.getBoundingClientRect();
                   return box.right > frame.right + 0.5 || box.left < frame.left - 0.5;
                 });
                 return { height: frame.height, out: out.map((element) => element.outerHTML) };",
                &[],
            )
            .await;
        let height = frame["height"].as_f64().unwrap_or_default();
        (height, texts(&frame["out"]))
    }

    /// Clicks into a field and types.
    pub async fn fill(&self, label: &str, text: &str) {
        let script = "return labelled(arguments[0]) ?? null;";
        self.click_found(&format!("the field {label}"), script, &[json!(label)])
            .await;
        self.type_text(text).await;
        assert_eq!(self.value(label).await, text, "{label}");
    }

    /// Types at the end of what a field holds.
    pub async fn fill_more(&self, label: &str, more: &str) {
        let script = "return labelled(arguments[0]) ?? null;";
        let before = self.value(label).await;
        self.click_found(&format!("the field {label}"), script, &[json!(label)])
            .await;
        self.press(Key::End).await;
        self.type_text(more).await;
        assert_eq!(
            self.value(label).await,
            format!("{before}{more}"),
            "{label}"
        );
    }

    /// Double-clicks, with the mouse, the button whose name begins with `text`.
    pub async fn double_click(&self, text: &str) {
        let button = self
            .find("return button(arguments[0]) ?? null;", &[json!(text)])
            .await;
        let button = button.unwrap_or_else(|| panic!("there is no button {text:?}"));
        let actions = self.web.action_chain().double_click_element(&button);
        actions.perform().await.expect("it is there");
    }

    /// Chooses a zone in the open list of zones.
    pub async fn choose_zone(&self, zone: &str) {
        let script = "const list = all('select').find((list) => visible(list)
              && [...list.options].some((option) => option.value === arguments[0]));
            if (!list) return false;
            list.value = arguments[0];
            list.dispatchEvent(new Event('change', { bubbles: true }));
            return true;";
        wait_until("the list of zones", PATIENCE, || async {
            self.ask(script, &[json!(zone)]).await == Value::Bool(true)
        })
        .await;
    }

    /// What a field holds.
    pub async fn value(&self, label: &str) -> String {
        let value = self
            .ask(
                "return labelled(arguments[0])?.value ?? null;",
                &[json!(label)],
            )
            .await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// How each part of the widget looks, by what a page's style sheet must not reach. Sizes are
    /// left out: the font and its size are the page's on purpose.
    pub async fn looks(&self) -> Vec<String> {
        let looks = self
            .ask(
                "const kept = ['backgroundColor', 'borderTopStyle', 'borderTopWidth', 'boxSizing',
                   'color', 'cssFloat', 'display', 'fontStyle', 'letterSpacing', 'listStyleType',
                   'outlineStyle', 'textAlign', 'textDecorationLine', 'textTransform',
                   'borderTopLeftRadius', 'fontWeight', 'fill', 'visibility'];
                 return all('*').filter(visible).map((element) => {
                   const style = getComputedStyle(element);
                   return element.localName + ' ' + words(element.innerText).slice(0, 20) + ': '
                     + kept.map((name) => name + ' ' + style[name]).join(', ');
                 });",
                &[],
            )
            .await;
        texts(&looks)
    }

    /// What has the focus, as an assistive technology would name it.
    pub async fn focus(&self) -> Focus {
        let focus = self
            .ask(
                "const element = focused();
                 const label = element?.labels?.[0]?.innerText;
                 return {
                   inside: root?.contains(element) ?? false,
                   name: element ? (label ? words(label) : name(element)) : '',
                   date: element?.dataset?.date ?? null,
                   slot: element?.dataset?.slot ?? null,
                 };",
                &[],
            )
            .await;
        let text = |key: &str| focus[key].as_str().map(str::to_owned);
        Focus {
            inside: focus["inside"] == true,
            name: text("name").unwrap_or_default(),
            date: text("date"),
            slot: text("slot"),
        }
    }

    /// Presses Tab until the focus is on what is wanted.
    pub async fn tab_to(&self, what: &str, wanted: impl Fn(&Focus) -> bool) -> Focus {
        let mut passed = Vec::new();
        for _ in 0..STOPS {
            let focus = self.focus().await;
            if wanted(&focus) {
                return focus;
            }
            passed.push(focus.name);
            self.press(Key::Tab).await;
        }
        panic!("Tab never reaches {what}; it passed {passed:?}");
    }
}

/// What has the focus.
#[derive(Debug, Clone)]
pub struct Focus {
    /// Whether it is in the widget.
    pub inside: bool,
    /// Its name.
    pub name: String,
    /// The date, on a day.
    pub date: Option<String>,
    /// The start, on a time.
    pub slot: Option<String>,
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().cloned().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
