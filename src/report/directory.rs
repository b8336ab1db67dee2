//! Result directories appear all at once: everything is written beside the target and renamed
//! into its place at the end. An earlier result stays whole until then.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ReportError;
use super::replaceable::refuse_foreign;

/// A directory beside the target that is to take its place.
///
/// Dropped it disappears, unless it was [published](Self::publish), [kept](Self::keep) or
/// [left](Self::leave).
#[derive(Debug)]
pub struct Staging {
    /// What is to be replaced, where it really is.
    target: PathBuf,
    /// Where things are written.
    path: PathBuf,
    is_for_nothing: bool,
}

impl Staging {
    /// Makes `.NAME.partial-<process>` beside the target `NAME`, and the directories above it.
    ///
    /// # Errors
    ///
    /// Where nothing can be written there, and where something is in the way that is no result of this
    /// program: then nothing is touched.
    pub fn beside(target: &Path) -> Result<Self, ReportError> {
        let target = locate(target)?;
        refuse_foreign(&target)?;
        refuse_foreign(&named(&target, "", ".partial"))?;
        let mut path = named(&target, ".", &format!(".partial-{}", std::process::id()));
        while let Err(error) = fs::create_dir(&path) {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(ReportError::io("create", &path)(error));
            }
            // Process ids come back, and with them what a killed process left.
            path.as_mut_os_string().push("+");
        }
        Ok(Self { target, path, is_for_nothing: true })
    }

    /// Where unfinished results for the target are [kept](Self::keep).
    pub fn kept(&self) -> PathBuf {
        named(&self.target, "", ".partial")
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What earlier processes left unfinished for the same target: the directory that was [kept](Self::keep), if
    /// there is one, then those of processes that were killed or are still at work. Nothing is said of what
    /// is in them.
    pub fn unfinished(&self) -> Result<Vec<PathBuf>, ReportError> {
        let kept = self.kept();
        let prefix = named(&self.target, ".", ".partial-");
        let prefix = prefix.file_name().unwrap_or_default().as_encoded_bytes();
        let above = self.path.parent().unwrap_or(Path::new("."));
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        let mut found = Vec::new();
        for entry in fs::read_dir(above).map_err(ReportError::io("read", above))? {
            let path = entry.map_err(ReportError::io("read", above))?.path();
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            if name.starts_with(prefix)
                && Some(name) != self.path.file_name().map(|own| own.as_encoded_bytes())
            {
                found.push(path);
            }
        }
        found.sort();
        Ok(kept.is_dir().then_some(kept).into_iter().chain(found).collect())
    }

    /// Puts the directory into the place of the target or of an earlier result, and returns that place.
    pub fn publish(self) -> Result<PathBuf, ReportError> {
        let place = self.target.clone();
        self.move_to(place)
    }

    /// Keeps the unfinished directory as `NAME.partial`, and returns that name. The target is left alone.
    pub fn keep(self) -> Result<PathBuf, ReportError> {
        let place = self.kept();
        self.move_to(place)
    }

    /// Leaves the directory where it is after a failure, and says so.
    pub fn leave(mut self, failure: ReportError) -> ReportError {
        self.is_for_nothing = false;
        ReportError::Stranded { left: self.path.clone(), source: Box::new(failure) }
    }

    fn move_to(mut self, place: PathBuf) -> Result<PathBuf, ReportError> {
        // Hours may have passed in which someone put something there.
        match refuse_foreign(&place).and_then(|()| self.swap_for(&place)) {
            Ok(()) => {
                self.is_for_nothing = false;
                Ok(place)
            }
            Err(failure) => Err(self.leave(failure)),
        }
    }

    /// Two renames; the first is undone if the second fails. Only a process killed between them
    /// leaves the earlier result under another name.
    fn swap_for(&self, place: &Path) -> Result<(), ReportError> {
        let earlier = self.path.with_added_extension("earlier");
        let was_there = match fs::rename(place, &earlier) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(ReportError::io("replace", place)(error)),
        };
        if let Err(error) = fs::rename(&self.path, place) {
            if was_there {
                fs::rename(&earlier, place).map_err(ReportError::io("restore", place))?;
            }
            return Err(ReportError::io("create", place)(error));
        }
        if was_there {
            // What is left over after a failure here is only the earlier result, under a hidden name.
            let _ = fs::remove_dir_all(&earlier);
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_for_nothing {
            // Nobody is left who could be told of a failure.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// What is added to the name of a file that is not yet whole.
pub(super) const UNFINISHED: &str = "new";

/// Writes a file in one go: readers see the old contents or the new.
pub fn write_file(path: &Path, contents: &[u8]) -> Result<(), ReportError> {
    let beside = path.with_added_extension(UNFINISHED);
    fs::write(&beside, contents).map_err(ReportError::io("write", &beside))?;
    fs::rename(&beside, path).map_err(ReportError::io("replace", path))
}

/// The target with everything above it made and links followed, so that what is renamed is the
/// directory and not a link to it.
fn locate(target: &Path) -> Result<PathBuf, ReportError> {
    let nameless = || ReportError::Nameless(target.to_owned());
    let found = if target.exists() {
        fs::canonicalize(target).map_err(ReportError::io("find", target))?
    } else {
        let name = target.file_name().ok_or_else(nameless)?;
        let above = target.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        fs::create_dir_all(above).map_err(ReportError::io("create", above))?;
        above.join(name)
    };
    if found.file_name().is_some() { Ok(found) } else { Err(nameless()) }
}

/// The name of the target with something before and after it.
fn named(target: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(before);
    name.push(target.file_name().unwrap_or_default());
    name.push(after);
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::manifest::{self, Manifest};
    use crate::report::samples;

    fn entries(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A result that is told from others by its seed.
    fn result(directory: &Path, seed: u64) {
        Manifest { seed, ..samples::manifest() }.write(directory).unwrap();
    }

    fn seed(directory: &Path) -> u64 {
        Manifest::read(directory).unwrap().seed
    }

    #[test]
    fn a_result_replaces_an_earlier_one() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("deep/down/study");
        for number in [1, 2] {
            let staging = Staging::beside(&target).unwrap();
            result(staging.path(), number);
            assert_eq!(staging.publish().unwrap(), target);
            assert_eq!(seed(&target), number);
        }
        assert_eq!(entries(target.parent().unwrap()), ["study"]);
    }

    #[test]
    fn what_is_unfinished_does_not_touch_the_earlier_result() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        fs::create_dir(&target).unwrap();
        result(&target, 9);
        for number in [1, 2] {
            let staging = Staging::beside(&target).unwrap();
            result(staging.path(), number);
            let kept = staging.keep().unwrap();
            assert_eq!(seed(&kept), number);
        }
        drop(Staging::beside(&target).unwrap());
        assert_eq!(seed(&target), 9);
        assert_eq!(entries(directory.path()), ["study", "study.partial"]);
    }

    #[test]
    fn what_is_not_a_result_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("letter.txt"), "dear").unwrap();
        let refused = Staging::beside(directory.path()).unwrap_err();
        assert!(matches!(refused, ReportError::Foreign { .. }), "{refused}");
        let file = Staging::beside(&directory.path().join("letter.txt")).unwrap_err();
        assert!(matches!(file, ReportError::Foreign { .. }), "{file}");
        let below = Staging::beside(&directory.path().join("letter.txt/study")).unwrap_err();
        assert!(matches!(below, ReportError::Io { .. }), "{below}");
        let root = Staging::beside(Path::new("/")).unwrap_err();
        assert!(matches!(root, ReportError::Nameless(_) | ReportError::Foreign { .. }), "{root}");
        assert_eq!(entries(directory.path()), ["letter.txt"]);
    }

    #[test]
    fn what_is_put_there_meanwhile_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        let staging = Staging::beside(&target).unwrap();
        result(staging.path(), 1);
        fs::create_dir(&target).unwrap();
        fs::write(target.join("letter.txt"), "dear").unwrap();
        let ReportError::Stranded { left, .. } = staging.publish().unwrap_err() else {
            panic!("not stranded")
        };
        assert_eq!(seed(&left), 1);
        assert_eq!(entries(&target), ["letter.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let staging = Staging::beside(&link).unwrap();
        result(staging.path(), 1);
        staging.publish().unwrap();
        assert!(link.is_symlink());
        assert!(real.join(manifest::FILE).is_file());
    }

    #[test]
    fn a_finished_result_survives_a_failure_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let above = directory.path().join("above");
        let staging = Staging::beside(&above.join("study")).unwrap();
        result(staging.path(), 1);
        let cause = ReportError::Nameless(PathBuf::from("/"));
        let ReportError::Stranded { left, .. } = staging.leave(cause) else { panic!("not stranded") };
        assert_eq!(seed(&left), 1);
    }

    #[test]
    fn two_runs_at_once_do_not_share_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("study");
        let (one, two) = (Staging::beside(&target).unwrap(), Staging::beside(&target).unwrap());
        assert_ne!(one.path(), two.path());
    }
}
