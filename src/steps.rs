//! Decisions that wait to be carried out.

/// A queue that is filled by one call and emptied before the next one, again and again.
///
/// Nothing is allocated once it has been as long as it ever gets, and there is nothing to wrap around: it
/// begins anew whenever it was found empty.
#[derive(Clone, Debug)]
pub(crate) struct Steps<T> {
    steps: Vec<T>,
    taken: usize,
}

impl<T: Copy> Steps<T> {
    /// Nothing decided yet.
    pub(crate) const fn new() -> Self {
        Self { steps: Vec::new(), taken: 0 }
    }

    /// Adds a decision behind all others.
    #[inline]
    pub(crate) fn push(&mut self, step: T) {
        self.steps.push(step);
    }

    /// Whether there is any decision left.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.taken == self.steps.len()
    }

    /// Takes the first decision.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<T> {
        if let Some(step) = self.steps.get(self.taken) {
            self.taken += 1;
            return Some(*step);
        }
        self.steps.clear();
        self.taken = 0;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_the_order_of_decisions() {
        let mut steps = Steps::new();
        for round in 0..3 {
            steps.push(round);
            steps.push(10 + round);
            assert_eq!(steps.take(), Some(round));
            steps.push(20 + round);
            assert_eq!(
                [steps.take(), steps.take(), steps.take()],
                [Some(10 + round), Some(20 + round), None]
            );
            assert!(steps.is_empty());
        }
    }
}
