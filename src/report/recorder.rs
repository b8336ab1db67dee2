//! Writes a result directory, variant by variant.

use std::path::{Path, PathBuf};

use super::attempts::StoredAttempt;
use super::directory::Staging;
use super::error::ReportError;
use super::latency::StoredBin;
use super::manifest::Manifest;
use super::row::{TableWriter, VariantKey};
use super::runs::StoredRun;
use super::series::StoredStep;
use super::stored::StoredVariant;
use super::worlds::Worlds;

/// A result directory that is being written beside its target.
pub struct Recorder {
    staging: Staging,
    runs: TableWriter<StoredRun>,
    series: TableWriter<StoredStep>,
    latency: TableWriter<StoredBin>,
    attempts: TableWriter<StoredAttempt>,
    /// Those that were written whole.
    finished: Vec<Finished>,
    whole: Lengths,
}

/// A variant that was written whole, and how much of its mail the horizon cut off.
struct Finished {
    key: VariantKey,
    censored: u64,
}

/// Lengths of the tables, in bytes, after the last variant that was written whole.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    runs: u64,
    series: u64,
    latency: u64,
    attempts: u64,
}

impl Recorder {
    /// Begins a result directory; to be called before anything is simulated, because it finds out whether
    /// the target can be written.
    pub fn begin(target: &Path) -> Result<Self, ReportError> {
        let staging = Staging::beside(target)?;
        let mut recorder = Self {
            runs: TableWriter::create(staging.path())?,
            series: TableWriter::create(staging.path())?,
            latency: TableWriter::create(staging.path())?,
            attempts: TableWriter::create(staging.path())?,
            staging,
            finished: Vec::new(),
            whole: Lengths::default(),
        };
        recorder.whole = recorder.flush()?;
        Ok(recorder)
    }

    /// Writes what was drawn for each replication.
    pub fn worlds(&self, worlds: &Worlds) -> Result<(), ReportError> {
        worlds.write(self.staging.path())
    }

    /// Writes all that is stored of a finished variant. Variants must come in the order of the manifest.
    pub fn add(&mut self, variant: &StoredVariant) -> Result<(), ReportError> {
        self.runs.write(&variant.key, &variant.runs)?;
        self.series.write(&variant.key, &variant.series)?;
        self.latency.write(&variant.key, &variant.latency)?;
        self.attempts.write(&variant.key, &variant.attempts)?;
        self.whole = self.flush()?;
        self.finished.push(Finished { key: variant.key.clone(), censored: variant.censored() });
        Ok(())
    }

    /// Writes the manifest, makes tables and pictures of what was written, and puts the whole into
    /// the place of the target, which is returned.
    pub fn finish(self, manifest: &Manifest) -> Result<PathBuf, ReportError> {
        self.stage(manifest)?.publish()
    }

    /// Writes the manifest and makes tables and pictures of what was written, but leaves it beside the
    /// target, where it can be looked at before it is published or dropped.
    pub fn stage(self, manifest: &Manifest) -> Result<Staging, ReportError> {
        let manifest = self.with_censored(manifest);
        let (staging, closed) = self.close();
        match closed.and_then(|()| complete(staging.path(), &manifest)) {
            Ok(()) => Ok(staging),
            Err(failure) => Err(staging.leave(failure)),
        }
    }

    /// After an interruption or a failure: keeps what is finished as `NAME.partial`, whose path is
    /// returned, and leaves the target alone. The manifest says which variants are not finished. Without a
    /// finished variant nothing is kept.
    pub fn keep_partial(self, manifest: &Manifest) -> Result<Option<PathBuf>, ReportError> {
        if self.finished.is_empty() {
            return Ok(None);
        }
        let mut manifest = Manifest { complete: false, ..self.with_censored(manifest) };
        for entry in &mut manifest.variants {
            entry.unfinished = !self.finished.iter().any(|finished| finished.key == entry.key());
        }
        let (staging, closed) = self.close();
        match closed.and_then(|()| complete(staging.path(), &manifest)) {
            Ok(()) => staging.keep().map(Some),
            Err(failure) => Err(staging.leave(failure)),
        }
    }

    /// The manifest with what only the finished variants know.
    fn with_censored(&self, manifest: &Manifest) -> Manifest {
        let mut manifest = manifest.clone();
        for entry in &mut manifest.variants {
            let finished = self.finished.iter().find(|finished| finished.key == entry.key());
            entry.censored = finished.map(|finished| finished.censored);
        }
        manifest
    }

    fn flush(&mut self) -> Result<Lengths, ReportError> {
        Ok(Lengths {
            runs: self.runs.flush()?,
            series: self.series.flush()?,
            latency: self.latency.flush()?,
            attempts: self.attempts.flush()?,
        })
    }

    /// Ends the tables behind the last variant that was written whole.
    fn close(self) -> (Staging, Result<(), ReportError>) {
        let Self { staging, runs, series, latency, attempts, whole, .. } = self;
        let closed = runs
            .cut(whole.runs)
            .and_then(|()| series.cut(whole.series))
            .and_then(|()| latency.cut(whole.latency))
            .and_then(|()| attempts.cut(whole.attempts));
        (staging, closed)
    }
}

fn complete(directory: &Path, manifest: &Manifest) -> Result<(), ReportError> {
    manifest.write(directory)?;
    super::make(directory).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::Row;
    use crate::report::{load, make, manifest, markdown, pictures, samples, summary};
    use std::fs;

    const FILES: [&str; 7] = [
        manifest::FILE,
        StoredRun::FILE,
        StoredStep::FILE,
        StoredBin::FILE,
        StoredAttempt::FILE,
        summary::FILE,
        markdown::FILE,
    ];

    fn record(target: &Path, variants: &[usize]) -> Recorder {
        let mut recorder = Recorder::begin(target).unwrap();
        variants.iter().for_each(|&place| recorder.add(&samples::variant(place)).unwrap());
        recorder
    }

    fn contents(directory: &Path) -> Vec<Vec<u8>> {
        FILES.iter().map(|file| fs::read(directory.join(file)).unwrap()).collect()
    }

    #[test]
    fn what_was_written_is_read_and_written_again() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        assert_eq!(record(&target, &[0, 1, 2]).finish(&samples::manifest()).unwrap(), target);
        let stored = load::load(&target).unwrap();
        let pictures = pictures::all(&stored, &stored.summary());
        assert_eq!(fs::read_dir(&target).unwrap().count(), FILES.len() + pictures.len());
        assert!(pictures.iter().all(|picture| pictures::is_name(&picture.file)));
        assert!(pictures.iter().all(|picture| fs::read(target.join(&picture.file)).unwrap() == picture.png));
        assert_eq!(stored, samples::stored());

        let again = directory.path().join("again");
        let mut recorder = Recorder::begin(&again).unwrap();
        stored.variants.iter().for_each(|variant| recorder.add(variant).unwrap());
        recorder.finish(&stored.manifest).unwrap();
        assert_eq!(contents(&again), contents(&target));

        fs::remove_file(again.join(summary::FILE)).unwrap();
        fs::remove_file(again.join(markdown::FILE)).unwrap();
        make(&again).unwrap();
        assert_eq!(contents(&again), contents(&target), "made again without simulating");
    }

    #[test]
    fn an_interruption_leaves_the_earlier_result_and_what_is_finished() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        record(&target, &[0, 1, 2]).finish(&samples::manifest()).unwrap();
        let earlier = contents(&target);
        let kept = record(&target, &[0, 1]).keep_partial(&samples::manifest()).unwrap().unwrap();
        assert_eq!(contents(&target), earlier);
        assert_eq!(kept, directory.path().join("study.partial"));
        let partial = make(&kept).unwrap();
        assert!(!partial.manifest.complete);
        let unfinished = partial.manifest.variants.iter().map(|entry| entry.unfinished);
        assert_eq!(unfinished.collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(partial.variants, samples::stored().variants[..2]);
    }

    #[test]
    fn nothing_finished_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        assert_eq!(record(&target, &[]).keep_partial(&samples::manifest()).unwrap(), None);
        drop(record(&target, &[0]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn variants_do_not_change_each_others_rows() {
        let directory = tempfile::tempdir().unwrap();
        let (all, one) = (directory.path().join("all"), directory.path().join("one"));
        record(&all, &[2, 0, 1]).finish(&samples::manifest()).unwrap();
        record(&one, &[1]).finish(&samples::manifest()).unwrap();
        for file in &FILES[1..5] {
            let lines = |target: &Path| fs::read_to_string(target.join(file)).unwrap();
            let of_b = |text: String| -> Vec<String> {
                text.lines().filter(|line| line.starts_with("b,")).map(str::to_owned).collect()
            };
            let alone = of_b(lines(&one));
            assert!(!alone.is_empty());
            assert_eq!(of_b(lines(&all)), alone, "{file}");
        }
    }

    #[test]
    fn damaged_tables_are_named_with_their_line() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        record(&target, &[0]).finish(&samples::manifest()).unwrap();
        let complaint = |file: &str, from: &str, to: &str| {
            let path = target.join(file);
            let good = fs::read_to_string(&path).unwrap();
            assert!(good.contains(from), "{file} has no {from}");
            fs::write(&path, good.replacen(from, to, 1)).unwrap();
            let message = load::load(&target).unwrap_err().to_string();
            fs::write(&path, good).unwrap();
            message.replace(&target.display().to_string(), "")
        };
        for (file, from, to, expected) in [
            (
                "runs.csv",
                "a,a,,0,50,",
                "a,a,,0,NaN,",
                "/runs.csv, line 2: \"NaN\" makes no sense as restricted_mean_s",
            ),
            (
                "runs.csv",
                "a,a,,1,",
                "z,a,,1,",
                "/runs.csv, line 3: the manifest does not name the variant \"z\"",
            ),
            (
                "latency.csv",
                "from_s",
                "from_ms",
                "/latency.csv, line 1: the columns should be variant,policy,",
            ),
            (
                "latency.csv",
                "a,a,,0,0.999424",
                "a,a,,0,0.999425",
                "/latency.csv: the rows of \"a\" are not the bins",
            ),
            (
                "latency.csv",
                "a,a,,3,",
                "a,a,,9,",
                "/latency.csv: replication 3 of \"a\" has 97 delivered messages here, but 98 in runs.csv",
            ),
            (
                "attempts.csv",
                "greeting",
                "granting",
                "/attempts.csv, line 2: \"granting\" makes no sense as stage",
            ),
            (
                "attempts.csv",
                "held-back,,",
                "held-back,,421",
                "/attempts.csv, line 3: \"421\" makes no sense as code",
            ),
            ("series.csv", "a,a,,mx,60,", "a,a,,mx,1m,", "/series.csv, line 3: \"1m\" makes no sense as t_s"),
            ("series.csv", "a,a,,mx,60,", "a,a,,mx,", "/series.csv, line 3: "),
        ] {
            let found = complaint(file, from, to);
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
