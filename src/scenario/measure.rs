//! What is measured where a scenario does not say it.

use std::ops::Range;

use super::Spanned;
use super::written::{Gate, When, Window, WrittenScenario};
use crate::quantity::Duration;
use crate::time::{Instant, Span};

/// The steps a time series may have, in seconds: round ones for axes.
const ROUND_SECONDS: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];

/// About how many steps a time series has by default.
const STEPS: i64 = 288;

const HOUR: Span = Span::from_seconds(3_600);
const SIX_HOURS: Span = Span::from_seconds(21_600);
const DAY: Span = Span::from_seconds(86_400);

impl WrittenScenario {
    /// The end of traffic and observation.
    pub fn end(&self) -> Instant {
        Instant::ZERO.saturating_add(self.horizon.span())
    }

    /// The interval in which the measured mail arrives, inside the run: as written, or else the first
    /// maintenance window at a fixed time, or else the whole run. Of a steady state, the warm-up is still to be left out.
    pub fn cohort(&self) -> Range<Instant> {
        if let Some(steady) = &self.measure.steady_state {
            let until = steady.until.as_ref().map_or(self.horizon.span() * 9 / 10, |until| until.span());
            return self.inside(Instant::ZERO..Instant::ZERO.saturating_add(until));
        }
        let window = self.measure.cohort.as_ref().map(|written| interval(written));
        self.inside(window.or_else(|| self.first_window()).unwrap_or_else(|| self.whole()))
    }

    /// The interval in which peaks of load are counted: as written, or else after the cohort for its
    /// length, at least an hour; the whole run where that leaves nothing.
    pub fn aftermath(&self) -> Range<Instant> {
        if let Some(written) = &self.measure.aftermath {
            return self.inside(interval(written));
        }
        if self.measure.steady_state.is_some() {
            return self.cohort();
        }
        let Range { start, end } = self.cohort();
        let after = self.inside(end..end.saturating_add((end - start).max(HOUR)));
        if after.is_empty() { self.whole() } else { after }
    }

    /// The step of the time series: as written, or else a round one near a 288th of the run.
    pub fn series_step(&self) -> Span {
        if let Some(written) = &self.measure.series_step {
            return written.span();
        }
        let least = self.horizon.span() / STEPS;
        let round = ROUND_SECONDS.into_iter().map(Span::from_seconds).chain([SIX_HOURS]);
        round.into_iter().find(|&step| step >= least).unwrap_or(DAY)
    }

    /// The first maintenance window that is not random, of the first gate that has one.
    pub fn first_window(&self) -> Option<Range<Instant>> {
        let gates = self.recipients.values().flat_map(|recipient| recipient.gates.values());
        gates.into_iter().find_map(|gate| match &**gate {
            Gate::Maintenance(maintenance) => first_of(&maintenance.when),
            _ => None,
        })
    }

    /// Measures the mail that `base` measures, where this is a variant of it that took its windows away:
    /// all variants are compared on the same mail.
    pub(super) fn measure_like(&mut self, base: &Self) {
        if self.measure.cohort.is_none()
            && self.measure.steady_state.is_none()
            && self.first_window().is_none()
        {
            self.measure.cohort = base.first_window().and_then(written).map(Spanned::unwritten);
        }
    }

    fn whole(&self) -> Range<Instant> {
        Instant::ZERO..self.end()
    }

    fn inside(&self, interval: Range<Instant>) -> Range<Instant> {
        interval.start.min(self.end())..interval.end.min(self.end())
    }
}

fn first_of(when: &When) -> Option<Range<Instant>> {
    match when {
        When::Once(window) => Some(interval(window)),
        When::Windows(windows) => windows.first().map(|window| interval(window)),
        When::Periodic(periodic) => {
            let start = Instant::ZERO.saturating_add(periodic.first.span());
            Some(start..start.saturating_add(periodic.lasts.span()))
        }
        When::Random(_) => None,
    }
}

fn interval(window: &Window) -> Range<Instant> {
    Instant::ZERO.saturating_add(window.from.span())..Instant::ZERO.saturating_add(window.until.span())
}

/// The written form of an interval of the run.
fn written(interval: Range<Instant>) -> Option<Window> {
    let at = |instant: Instant| Duration::new(instant - Instant::ZERO).map(Spanned::unwritten);
    Some(Window { from: at(interval.start)?, until: at(interval.end)? })
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, read};
    use super::*;

    fn scenario(horizon: &str, rest: &str) -> WrittenScenario {
        let text = format!(
            "format = 1\ntitle = 't'\nhorizon = '{horizon}'\nrecipients.mx.transaction = '1s'\n{rest}\n"
        );
        let mut sources = Sources::new();
        sources.add("t", text);
        read(&mut sources, "t", &[]).expect("a scenario").base
    }

    fn hours(interval: Range<Instant>) -> Range<i64> {
        let hours = |at: Instant| at.as_micros() / 3_600_000_000;
        hours(interval.start)..hours(interval.end)
    }

    #[test]
    fn a_variant_without_the_window_is_measured_where_the_others_are() {
        let text = "format = 1
title = 't'
horizon = '1d'
policies.p = 'postfix'
recipients.mx.transaction = '1s'
recipients.mx.gates.down.maintenance.when.once = { from = '2h', until = '6h' }
senders.s = { hosts = 1, policy = 'compared', arrivals.a.poisson.rate = '1/min' }
variants.usual = {}
variants.up.recipients.mx.gates.down = 'off'
variants.later.recipients.mx.gates.down.maintenance.when.once = { from = '3h', until = '4h' }
";
        let mut sources = Sources::new();
        sources.add("t", text);
        let read = read(&mut sources, "t", &[]).expect("a scenario");
        let cohorts = read.variants.values().map(|variation| hours(variation.scenario.cohort()));
        assert_eq!(cohorts.collect::<Vec<_>>(), [2..6, 2..6, 3..4]);
    }

    #[test]
    fn the_first_fixed_window_is_measured() {
        let once =
            scenario("3d", "recipients.mx.gates.w.maintenance.when.once = { from = '2h', until = '6h' }");
        assert_eq!((hours(once.cohort()), hours(once.aftermath())), (2..6, 6..10));
        let short =
            scenario("3d", "recipients.mx.gates.w.maintenance.when.once = { from = '2h', until = '2h10m' }");
        assert_eq!(hours(short.aftermath()), 2..3);
        let periodic =
            "recipients.mx.gates.w.maintenance.when.periodic = { first = '2h', every = '1d', lasts = '1h' }";
        assert_eq!(hours(scenario("3d", periodic).cohort()), 2..3);
        let endless =
            scenario("1d", "recipients.mx.gates.w.maintenance.when.once = { from = '2h', until = '9d' }");
        assert_eq!((hours(endless.cohort()), hours(endless.aftermath())), (2..24, 0..24));
    }

    #[test]
    fn all_mail_is_measured_where_there_is_no_window() {
        let random = "recipients.mx.gates.w.maintenance.when.random = { up = '6h', down = '1h' }";
        for rest in ["", random] {
            let plain = scenario("2d", rest);
            assert_eq!((hours(plain.cohort()), hours(plain.aftermath())), (0..48, 0..48));
        }
        let written = scenario("2d", "measure.cohort = { from = '1h', until = '4h' }");
        assert_eq!((hours(written.cohort()), hours(written.aftermath())), (1..4, 4..7));
    }

    #[test]
    fn steps_are_round() {
        for (horizon, step) in
            [("3d", "15m"), ("1d", "5m"), ("4h", "1m"), ("1m", "1s"), ("200d", "1d"), ("60d", "6h")]
        {
            assert_eq!(scenario(horizon, "").series_step().to_string(), step, "{horizon}");
        }
        assert_eq!(scenario("1d", "measure.series_step = '7m'").series_step().to_string(), "7m");
    }
}
