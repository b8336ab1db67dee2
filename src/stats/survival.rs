//! The distribution of times of which some were not seen to their end.
//!
//! E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal of the
//! American Statistical Association 53 (1958). It stands on one assumption: how long a time is must say nothing
//! about when its observation ends. A horizon cuts off those that came late, and where those that
//! come late wait less, or more, the estimate is biased: of mail in an outage that was cut at 900 s with 5 %
//! unfinished, it gave a restricted mean of 193.6 s where 188.3 s was true. Hence nothing that is
//! reported rests on it; see `docs/statistics.md`.

/// One time, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// How long it was, or how long it was watched.
    pub time: f64,
    /// Whether its end was seen.
    pub ended: bool,
}

/// The estimated share that lasts longer than a time.
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    /// The instants at which something ended, ascending, and the share that is left after each.
    steps: Vec<(f64, f64)>,
    /// The longest time that was watched.
    watched: f64,
}

impl KaplanMeier {
    /// The estimate; `None` of nothing and with a time that is negative or not finite.
    ///
    /// What ends at the instant of another's last sight ends before it, as Kaplan and Meier have it.
    pub fn of(observed: &[Observed]) -> Option<Self> {
        if observed.is_empty() || observed.iter().any(|one| !one.time.is_finite() || one.time < 0.0) {
            return None;
        }
        let mut ordered = observed.to_vec();
        ordered.sort_by(|one, other| one.time.total_cmp(&other.time).then(other.ended.cmp(&one.ended)));
        let watched = ordered.last()?.time;
        let mut steps = Vec::new();
        // Between two that were lost from sight the share is a quotient of whole numbers: without
        // any it is exact, and a median does not hang on the last digit of a product.
        let (mut factor, mut start, mut left) = (1.0, ordered.len(), ordered.len());
        for group in ordered.chunk_by(|one, other| one.time == other.time) {
            let ended = group.iter().filter(|one| one.ended).count();
            left -= ended;
            let share = factor * left as f64 / start as f64;
            if ended > 0 {
                steps.push((group[0].time, share));
            }
            if ended < group.len() {
                left -= group.len() - ended;
                (factor, start) = (share, left.max(1));
            }
        }
        Some(Self { steps, watched })
    }

    /// The share that lasts longer than `time`; `None` beyond the longest that was watched, unless nothing was left.
    pub fn beyond(&self, time: f64) -> Option<f64> {
        let before = self.steps.partition_point(|(at, _)| *at <= time);
        let share = before.checked_sub(1).map_or(1.0, |place| self.steps[place].1);
        (time <= self.watched || share == 0.0).then_some(share)
    }

    /// The p-quantile: the first time beyond which no more than a share of 1 - p lasts; `None` where it is
    /// not attained.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        // 1 - 0.9 is a little less than 0.1.
        let most = (1.0 - p) * (1.0 + 1e-12);
        self.steps.iter().find(|(_, share)| *share <= most).map(|(time, _)| *time)
    }

    /// The mean of min(time, `limit`): the area under the shares up to there; `None` where they are not
    /// known so far.
    pub fn restricted_mean(&self, limit: f64) -> Option<f64> {
        self.beyond(limit)?;
        let (mut area, mut from, mut share) = (0.0, 0.0, 1.0);
        for &(time, next) in self.steps.iter().take_while(|(time, _)| *time < limit) {
            area += share * (time - from);
            (from, share) = (time, next);
        }
        Some(area + share * (limit - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{assert_close, columns};

    /// 200 times: 179 ended (status 1), 11 were cut off by a horizon (0), 10 expired (2), nothing of that before 1200.
    fn reference() -> KaplanMeier {
        let [time, status] = columns(include_str!("../../tests/fixtures/statistics/censored.csv"));
        let observed: Vec<Observed> =
            time.iter().zip(status).map(|(&time, status)| Observed { time, ended: status == 1.0 }).collect();
        assert_eq!(observed.iter().filter(|one| one.ended).count(), 179);
        KaplanMeier::of(&observed).unwrap()
    }

    /// Two programs, R and lifelines, agree on these digits.
    #[test]
    fn reference_shares_and_mean() {
        let found = reference();
        assert_close(found.beyond(300.0).unwrap(), 0.330, 1e-12);
        assert_close(1.0 - found.beyond(1200.0).unwrap(), 0.895, 1e-12);
        assert_close(found.restricted_mean(1200.0).unwrap(), 323.273_579_558_599_2, 1e-12);
    }

    /// Half of 200 are left exactly at the hundredth end. R gives the middle between it and the next, others
    /// the next; here a quantile is the first time at which the share is reached, as everywhere.
    #[test]
    fn the_median_is_counted_in_whole_numbers() {
        let found = reference();
        assert_close(found.quantile(0.5).unwrap(), 166.66, 1e-4);
        assert_eq!(found.beyond(found.quantile(0.5).unwrap()), Some(0.5));
        assert_eq!(found.quantile(0.9), None, "89.5 % ended");
    }

    #[test]
    fn what_is_lost_from_sight_counts_until_then() {
        let seen = |time, ended| Observed { time, ended };
        let found = KaplanMeier::of(&[
            seen(1.0, true),
            seen(2.0, false),
            seen(2.0, true),
            seen(3.0, true),
            seen(4.0, false),
        ])
        .unwrap();
        // 4 of 5, of these 3 of 4, of these without the lost one 1 of 2.
        for (time, share) in [(0.5, 1.0), (1.0, 0.8), (2.0, 0.6), (3.0, 0.3), (4.0, 0.3)] {
            assert_close(found.beyond(time).unwrap(), share, 1e-15);
        }
        assert_eq!(found.beyond(4.1), None);
        assert_eq!(found.restricted_mean(5.0), None);
        assert_close(found.restricted_mean(4.0).unwrap(), 1.0 + 0.8 + 0.6 + 0.3, 1e-15);
    }

    #[test]
    fn nothing_and_nonsense_have_no_estimate() {
        assert_eq!(KaplanMeier::of(&[]), None);
        for time in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(KaplanMeier::of(&[Observed { time, ended: true }]), None);
        }
        let all = KaplanMeier::of(&[Observed { time: 2.0, ended: true }]).unwrap();
        assert_eq!((all.beyond(9.0), all.restricted_mean(9.0)), (Some(0.0), Some(2.0)));
    }
}
