//! How long, and with whom: what the booker chooses of a service.
//!
//! Another wish has other free times: what is known of times is forgotten, a picked time and its
//! hold are let go. While a booking is moved there is nothing to choose: it keeps its own duration,
//! and its host where the booker named one.

use slotstead_shared::{ids::HostId, wire::OfferedService};

use super::{Flow, Step};
use crate::{
    month::MonthId,
    wish::{Wish, durations, hosts},
};

impl Flow {
    /// Takes a service in hand, with what is usual for it.
    pub(super) fn take_service(&mut self, service: OfferedService) {
        self.wish = Wish::of(&service);
        self.service = Some(service);
    }

    pub(super) fn choose_duration(&mut self, minutes: u32) {
        let Some(service) = &self.service else { return };
        if durations(service).contains(&minutes) {
            self.wish_for(Wish {
                duration_minutes: Some(minutes),
                ..self.wish.clone()
            });
        }
    }

    pub(super) fn choose_host(&mut self, host: Option<HostId>) {
        let Some(service) = &self.service else { return };
        let offered = |host: &HostId| hosts(service).iter().any(|choice| choice.id == *host);
        if host.as_ref().is_none_or(offered) {
            self.wish_for(Wish {
                host,
                ..self.wish.clone()
            });
        }
    }

    fn wish_for(&mut self, wish: Wish) {
        let choosing = matches!(self.step, Step::Month | Step::Form | Step::Taken);
        if !choosing || self.moving || self.undecided() || wish == self.wish {
            return;
        }
        self.wish = wish;
        let picked = self.pick.as_ref().map(|pick| pick.slot.start);
        let lost = self.lost.take().map(|lost| lost.start);
        self.forget_pick();
        if let Some(start) = picked.or(lost) {
            self.diary.show(MonthId::of(start.date()));
            self.diary.choose(start.date());
            self.go(Step::Month);
        }
        self.restart_diary();
    }
}
