//! Writes the directory of a sweep, point by point, and takes over what an earlier run left of the same sweep.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::directory::Staging;
use super::super::error::ReportError;
use super::super::worlds::Worlds;
use super::manifest::SweepManifest;
use super::table::{self, PointRuns, Writer};

/// The directory of a sweep that is being written beside its target.
pub struct Recorder {
    staging: Staging,
    table: Writer,
    /// All that is in the table.
    points: BTreeMap<usize, PointRuns>,
    /// Whether nothing else stands there, and that in the order of the points.
    is_in_order: bool,
    taken_over: Vec<PathBuf>,
}

impl Recorder {
    /// Begins a directory; to be called before anything is simulated, because it finds out whether the
    /// target can be written. Points that an interrupted run of the same sweep has finished are taken over.
    pub fn begin(target: &Path, manifest: &SweepManifest, worlds: &Worlds) -> Result<Self, ReportError> {
        let staging = Staging::beside(target)?;
        let mut points = BTreeMap::new();
        let mut taken_over = Vec::new();
        for earlier in staging.unfinished()? {
            let found = finished_points(&earlier, manifest);
            if found.keys().any(|point| !points.contains_key(point)) {
                points.extend(found);
                taken_over.push(earlier);
            }
        }
        Self::with(staging, points, taken_over, manifest, worlds)
    }

    /// The same, with every point still to be simulated, whatever others have left there.
    pub fn begin_anew(target: &Path, manifest: &SweepManifest, worlds: &Worlds) -> Result<Self, ReportError> {
        Self::with(Staging::beside(target)?, BTreeMap::new(), Vec::new(), manifest, worlds)
    }

    fn with(
        staging: Staging,
        points: BTreeMap<usize, PointRuns>,
        taken_over: Vec<PathBuf>,
        manifest: &SweepManifest,
        worlds: &Worlds,
    ) -> Result<Self, ReportError> {
        // With this a run that is killed leaves what it has finished.
        SweepManifest { complete: false, ..manifest.clone() }.write(staging.path())?;
        worlds.write(staging.path())?;
        let table = write_table(staging.path(), manifest, &points)?;
        Ok(Self { staging, table, points, is_in_order: true, taken_over })
    }

    /// Whether a point is finished, be it by an earlier run.
    pub fn has(&self, point: usize) -> bool {
        self.points.contains_key(&point)
    }

    /// How many points are finished.
    pub fn finished(&self) -> usize {
        self.points.len()
    }

    /// Where points were taken over from.
    pub fn taken_over(&self) -> &[PathBuf] {
        &self.taken_over
    }

    /// Writes the runs of a finished point.
    pub fn add(&mut self, point: usize, runs: PointRuns) -> Result<(), ReportError> {
        let is_next = self.points.last_key_value().is_none_or(|(&last, _)| last < point);
        let was_in_order = std::mem::replace(&mut self.is_in_order, false);
        self.table.write(point, &runs)?;
        self.is_in_order = was_in_order && is_next;
        self.points.insert(point, runs);
        Ok(())
    }

    /// Writes the manifest, makes tables and pictures, and puts the whole into the place of the target, which is
    /// returned. What an interrupted run had left is removed.
    pub fn finish(self, manifest: &SweepManifest) -> Result<PathBuf, ReportError> {
        let (staging, kept) = self.complete(manifest)?;
        let place = staging.publish()?;
        if let Some(kept) = kept {
            // Everything in it is in the result; a failure leaves it there and harms nothing.
            let _ = fs::remove_dir_all(kept);
        }
        Ok(place)
    }

    /// Makes everything, and leaves the target as it is: the directory beside it disappears unless it is published.
    pub fn stage(self, manifest: &SweepManifest) -> Result<Staging, ReportError> {
        self.complete(manifest).map(|(staging, _)| staging)
    }

    /// After an interruption or a failure: keeps the finished points as `NAME.partial`, whose path is returned,
    /// and leaves the target alone. Without a finished point nothing is kept.
    pub fn keep_partial(self, manifest: &SweepManifest) -> Result<Option<PathBuf>, ReportError> {
        if self.points.is_empty() {
            return Ok(None);
        }
        let manifest = SweepManifest { complete: false, ..manifest.clone() };
        let (staging, _) = self.complete(&manifest)?;
        staging.keep().map(Some)
    }

    /// Gives the directory with everything in it, and the kept directory that it makes superfluous.
    fn complete(self, manifest: &SweepManifest) -> Result<(Staging, Option<PathBuf>), ReportError> {
        let Self { staging, table, points, is_in_order, taken_over } = self;
        drop(table);
        let directory = staging.path();
        let written = match is_in_order {
            true => Ok(()),
            false => write_table(directory, manifest, &points).map(|_| ()),
        };
        let made = written.and_then(|()| manifest.write(directory)).and_then(|()| super::make(directory));
        match made {
            Ok(_) => {
                let kept = staging.kept();
                let is_superfluous = taken_over.contains(&kept);
                Ok((staging, is_superfluous.then_some(kept)))
            }
            Err(failure) => Err(staging.leave(failure)),
        }
    }
}

/// What an earlier run has finished of the same sweep; nothing if it is of another.
fn finished_points(directory: &Path, manifest: &SweepManifest) -> BTreeMap<usize, PointRuns> {
    let earlier = SweepManifest::read(directory).ok();
    let same = earlier.filter(|earlier| earlier.identity() == manifest.identity());
    same.and_then(|earlier| table::read_as_far_as_whole(directory, &earlier).ok()).unwrap_or_default()
}

fn write_table(
    directory: &Path,
    manifest: &SweepManifest,
    points: &BTreeMap<usize, PointRuns>,
) -> Result<Writer, ReportError> {
    let mut table = Writer::create(directory, manifest)?;
    for (&point, runs) in points {
        table.write(point, runs)?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::super::{make, samples};
    use super::*;

    fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
        entries
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
            .collect()
    }

    fn record(target: &Path, points: &[usize]) -> Recorder {
        let mut recorder = Recorder::begin(target, &samples::manifest(), &Worlds::default()).unwrap();
        points.iter().for_each(|&point| recorder.add(point, samples::point(point)).unwrap());
        recorder
    }

    #[test]
    fn interrupted_and_resumed_is_the_same_as_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let (once, twice) = (directory.path().join("once"), directory.path().join("twice"));
        record(&once, &[0, 1, 2, 3, 4, 5]).finish(&samples::manifest()).unwrap();
        let kept = record(&twice, &[0, 4]).keep_partial(&samples::manifest()).unwrap().unwrap();
        assert!(!SweepManifest::read(&kept).unwrap().complete);
        let mut resumed = Recorder::begin(&twice, &samples::manifest(), &Worlds::default()).unwrap();
        assert_eq!((resumed.finished(), resumed.has(4), resumed.has(1)), (2, true, false));
        assert_eq!(resumed.taken_over(), std::slice::from_ref(&kept));
        for point in [1, 2, 3, 5] {
            resumed.add(point, samples::point(point)).unwrap();
        }
        resumed.finish(&samples::manifest()).unwrap();
        assert_eq!(contents(&twice), contents(&once));
        assert!(!kept.exists(), "everything in it is in the result");
        let before = contents(&once);
        make(&once).unwrap();
        assert_eq!(contents(&once), before, "made again without simulating");
    }

    #[test]
    fn what_a_killed_run_left_is_taken_over_as_far_as_it_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        let killed = directory.path().join(".study.partial-99");
        fs::create_dir(&killed).unwrap();
        SweepManifest { complete: false, ..samples::manifest() }.write(&killed).unwrap();
        let mut table = Writer::create(&killed, &samples::manifest()).unwrap();
        table.write(0, &samples::point(0)).unwrap();
        table.write(1, &samples::point(1)).unwrap();
        let path = killed.join(table::FILE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 20]).unwrap();
        let recorder = record(&target, &[]);
        assert_eq!((recorder.has(0), recorder.has(1)), (true, false));
    }

    #[test]
    fn other_sweeps_are_not_taken_over() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        record(&target, &[0]).keep_partial(&samples::manifest()).unwrap();
        let other = SweepManifest { seed: 8, ..samples::manifest() };
        assert_eq!(Recorder::begin(&target, &other, &Worlds::default()).unwrap().finished(), 0);
        assert!(directory.path().join("study.partial").is_dir(), "nor removed");
    }

    #[test]
    fn damaged_tables_are_named_with_their_line() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        record(&target, &[0, 1, 2, 3, 4, 5]).finish(&samples::manifest()).unwrap();
        let path = target.join(table::FILE);
        let good = fs::read_to_string(&path).unwrap();
        for (from, to, expected) in [
            (
                "\n0,10s,none,a,a,,1,",
                "\n0,11s,none,a,a,,1,",
                "line 3: at point 0, first.key is 10s and not \"11s\"",
            ),
            ("\n0,10s,none,a,", "\n0,10s,none,z,", "line 2: the manifest does not name the variant \"z\""),
            ("\n0,10s,none,a,a,,1,", "\n6,10s,none,a,a,,1,", "line 3: there is no point 6"),
            ("\n0,10s,none,a,a,,1,", "\n0,10s,none,a,a,,7,", "it holds 5 of 6 points whole"),
        ] {
            assert!(good.contains(from), "{from}");
            fs::write(&path, good.replacen(from, to, 1)).unwrap();
            let message = make(&target).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
