// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Opener`]: opens a hive from a path, with its transaction logs applied.

use alloc::sync::Arc;
use core::iter;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::hive::fragment::Fragment;
use calhive_regf::log::pages_as_hive;
use calhive_regf::{AccessPattern, FileError, Hive, Image};

use crate::file::{LARGEST_HIVE, Parts, Recognized};
use crate::found::{Found, Refused};
use crate::held::Held;
use crate::logs::{Neighbors, missing_log};
use crate::notice::Notice;
use crate::open_error::OpenError;
use crate::open_hive::{OpenHive, State};
use crate::real_path::leads_away;
use crate::trees::Trees;

/// Transaction logs to apply to a hive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogChoice {
    /// The logs beside the hive.
    #[default]
    Beside,
    /// These files.
    Named(Vec<PathBuf>),
    /// No logs. The hive is read as stored.
    NotApplied,
}

/// Opens hives with their transaction logs. Use one opener for many hives, because an opener lists
/// each folder only once.
///
/// ```
/// # let scenario = hive_forge::scenario::with_logs().remove(0);
/// # let folder = std::env::temp_dir().join(format!("calhive-opener-{}", std::process::id()));
/// # for (name, bytes) in scenario.files() {
/// #     let path = folder.join(name);
/// #     std::fs::create_dir_all(path.parent().unwrap())?;
/// #     std::fs::write(path, bytes)?;
/// # }
/// # let path = folder.join("SOFTWARE");
/// use calhive_evidence::{LogChoice, Opener};
/// use calhive_regf::{AccessPattern, Image};
///
/// let logs = LogChoice::Beside;
/// let mut opener = Opener::new(|path, _| Image::read(path), &logs);
/// let mut notify = |notice| println!("{notice}");
/// let software = opener.hive(&path, AccessPattern::Normal, &mut notify)?;
/// assert!(software.patches().is_some(), "bytes come from logs");
/// println!("{}", software.hive()?.root()?.name());
/// software.finish().into_iter().for_each(notify);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Opener<'o, F> {
    open: F,
    logs: &'o LogChoice,
    neighbors: Neighbors,
    trees: Arc<Trees>,
}

impl<'o, F, H> Opener<'o, F>
where
    F: Fn(&Path, AccessPattern) -> Result<H, FileError>,
    H: Held,
{
    /// Returns an opener that maps or reads each file with `open`.
    pub fn new(open: F, logs: &'o LogChoice) -> Self {
        Self { open, logs, neighbors: Neighbors::default(), trees: Arc::default() }
    }

    /// Opens the files inside the archives and disk images of a search too. `open` is not called for these files:
    /// they are read into memory.
    #[must_use]
    pub fn inside(self, found: &Found) -> Self {
        let trees = Arc::clone(&found.trees);
        Self { neighbors: Neighbors::inside(Arc::clone(&trees)), trees, ..self }
    }

    /// Opens a hive, and applies its logs in memory.
    ///
    /// # Errors
    /// If the file or a named log cannot be opened, or if the file is not a hive. An unreadable log beside
    /// the hive is a notice, not an error.
    pub fn hive(
        &mut self,
        path: &Path,
        access: AccessPattern,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<OpenHive<H>, OpenError> {
        let base = self.base(path, access)?;
        self.with_logs(base, notify)
    }

    /// Opens a hive, or a transaction log whose hive is lost. For a log, the result contains the pages in
    /// this log and in the named logs.
    ///
    /// # Errors
    /// The same as for [`hive`](Self::hive), and if the logs contain no page.
    pub fn hive_or_log(
        &mut self,
        path: &Path,
        access: AccessPattern,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<OpenHive<H>, OpenError> {
        let base = self.base(path, access)?;
        if Recognized::of(base.image().bytes()) == Recognized::TransactionLog {
            self.log_pages(base, notify)
        } else {
            self.with_logs(base, notify)
        }
    }

    /// Opens a file that is no hive.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn file(&self, path: &Path, access: AccessPattern) -> Result<H, OpenError> {
        self.base(path, access)
    }

    fn base(&self, path: &Path, access: AccessPattern) -> Result<H, OpenError> {
        if path.is_dir() {
            return Err(OpenError::Folder(path.into()));
        }
        Ok(self.open(path, access)?)
    }

    fn open(&self, path: &Path, access: AccessPattern) -> Result<H, FileError> {
        match self.trees.file(path) {
            Some(file) => Ok(H::of(file.read(path)?)),
            None => (self.open)(path, access),
        }
    }

    fn with_logs(
        &mut self,
        base: H,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<OpenHive<H>, OpenError> {
        let recognized = Recognized::of_file(base.image().bytes());
        let fragment = match recognized {
            Recognized::Hive => None,
            // A hive whose start is lost looks like any file. Its bins identify it.
            Recognized::Fragment | Recognized::Other => {
                Some(self.fragment(base.image(), recognized)?)
            }
            _ => return Err(not_a_hive(base.image().path(), recognized)),
        };
        let logs = self.find_logs(base.image(), notify)?;
        let mut hive = OpenHive { base, logs, state: State::AsStored(None) };
        // Offsets in logs refer to the whole hive.
        let is_in_place = fragment.as_ref().is_none_or(|fragment| fragment.shift == 0);
        if is_in_place && *self.logs != LogChoice::NotApplied {
            hive.apply_logs(recognized, notify)?;
        } else if hive.log_bytes().any(|log| !log.is_empty()) {
            notify(Notice::LogsNotInPlace(hive.path().into()));
            hive.logs.clear();
        }
        hive.state = match (hive.state, fragment) {
            (State::AsStored(replay), Some(Fragment { image, shift, start })) => {
                let path = hive.base.image().path().into();
                notify(Notice::NoBaseBlock { path, start, shift });
                State::Fragment { image: H::of(image), shift, replay }
            }
            (state, _) => state,
        };
        hive.hive()?;
        Ok(hive)
    }

    /// Opens the named logs, or the logs beside the hive.
    fn find_logs(
        &mut self,
        hive: &Image,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<Vec<H>, FileError> {
        match self.logs {
            LogChoice::NotApplied => Ok(Vec::new()),
            LogChoice::Named(paths) => self.open_logs(paths),
            LogChoice::Beside => {
                let mut logs = Vec::new();
                if let Err(error) = self.find_beside(hive, &mut logs, notify) {
                    notify(Notice::LogsNotSearched(error));
                }
                Ok(logs)
            }
        }
    }

    fn find_beside(
        &mut self,
        hive: &Image,
        logs: &mut Vec<H>,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<(), FileError> {
        let is_dirty = Hive::parse(hive.bytes()).is_ok_and(Hive::is_dirty);
        let named = self.neighbors.named_after(hive.path())?;
        let missing = missing_log(&named).filter(|_| is_dirty);
        self.open_all(named, hive.path(), logs, notify);
        if let Some((found, missing)) = missing.filter(|_| !logs.is_empty()) {
            notify(Notice::OneLogOfPair { path: hive.path().into(), found, missing });
        }
        // This search reads every file of the folder.
        if is_dirty && logs.iter().all(|log| log.image().bytes().is_empty()) {
            let marked = self.neighbors.marked_as(hive.path())?;
            self.open_all(marked, hive.path(), logs, notify);
        }
        Ok(())
    }

    fn open_all(
        &self,
        paths: Vec<PathBuf>,
        hive: &Path,
        logs: &mut Vec<H>,
        notify: &mut dyn FnMut(Notice),
    ) {
        for path in paths {
            if leads_away(&path, hive) {
                let message = "it is a link out of the folder; to apply the log, name it (--log)";
                notify(Notice::LogUnreadable(FileError::new(path, io::Error::other(message))));
                continue;
            }
            match self.open(&path, AccessPattern::Sequential) {
                Ok(log) => logs.push(log),
                Err(error) => notify(Notice::LogUnreadable(error)),
            }
        }
    }

    fn open_logs(&self, paths: &[PathBuf]) -> Result<Vec<H>, FileError> {
        paths.iter().map(|path| self.open(path, AccessPattern::Sequential)).collect()
    }

    fn log_pages(&self, base: H, notify: &mut dyn FnMut(Notice)) -> Result<OpenHive<H>, OpenError> {
        let logs = match self.logs {
            LogChoice::Named(paths) => self.open_logs(paths)?,
            LogChoice::Beside | LogChoice::NotApplied => Vec::new(),
        };
        let path = base.image().path().to_path_buf();
        let all: Vec<&[u8]> =
            iter::once(&base).chain(&logs).map(|log| log.image().bytes()).collect();
        let Some(pages) = pages_as_hive(&all) else { return Err(OpenError::NoPages(path)) };
        notify(Notice::LogsAlone(path));
        let hive = OpenHive { base, logs, state: State::LogPages(pages) };
        hive.hive()?;
        Ok(hive)
    }

    /// Makes a hive from the bins of a file. Reads the file into memory, so that the bytes cannot change during
    /// the run.
    fn fragment(&self, file: &Image, recognized: Recognized) -> Result<Fragment, OpenError> {
        let path = file.path();
        if file.bytes().len() as u64 > LARGEST_HIVE.saturating_add(4096) {
            return Err(not_a_hive(path, recognized));
        }
        let hives = match recognized {
            Recognized::Other => Parts::of(file.bytes()).hives,
            _ => 0,
        };
        if hives > 0 {
            return Err(OpenError::NotAHive(Refused { path: path.into(), recognized, hives }));
        }
        let inside = self.trees.file(path);
        let image = inside.map_or_else(|| Image::read(path), |inside| inside.read(path))?;
        let fragment = image.fragment()?;
        fragment.ok_or_else(|| match recognized {
            Recognized::Fragment => OpenError::NoWholeBin(path.into()),
            _ => not_a_hive(path, recognized),
        })
    }
}

fn not_a_hive(path: &Path, recognized: Recognized) -> OpenError {
    OpenError::NotAHive(Refused { path: path.into(), recognized, hives: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::not_read::NotReadKind;
    use crate::scratch::Scratch;
    use hive_forge::log::{Dirty, states};

    /// A hive in a folder, with its logs beside it.
    fn folder(name: &str, dirty: &Dirty) -> (Scratch, PathBuf) {
        let folder = Scratch::new(name);
        for (log, file) in &dirty.logs {
            folder.file(&format!("SYSTEM.{log}"), &file.bytes);
        }
        let hive = folder.file("SYSTEM", &dirty.primary);
        (folder, hive)
    }

    fn dirty() -> Dirty {
        states().into_iter().find(|state| state.name == "nothing written").unwrap()
    }

    fn open(
        path: &Path,
        logs: &LogChoice,
    ) -> (Result<OpenHive<Image>, OpenError>, Vec<NotReadKind>) {
        let mut kinds = Vec::new();
        let mut opener = Opener::new(|path, _| Image::read(path), logs);
        let mut notify = |notice: Notice| kinds.extend(notice.not_read().map(|it| it.kind));
        let opened = opener.hive_or_log(path, AccessPattern::Normal, &mut notify);
        (opened, kinds)
    }

    #[test]
    fn dirty_hive_is_opened_with_its_logs_unless_ignored() {
        let dirty = dirty();
        let (_folder, path) = folder("opener-dirty", &dirty);
        let (hive, kinds) = open(&path, &LogChoice::Beside);
        let hive = hive.unwrap();
        assert_eq!(kinds, []);
        assert_eq!(hive.bytes()[4096..][..dirty.expected_bins().len()], *dirty.expected_bins());
        assert_eq!(hive.base_bytes(), dirty.primary);
        assert!(hive.patches().is_some() && hive.logs().count() == dirty.logs.len());
        assert!(hive.finish().is_empty());

        let hive = open(&path, &LogChoice::NotApplied).0.unwrap();
        assert_eq!(hive.bytes(), dirty.primary);
        assert!(hive.replay().is_none() && hive.report(crate::Hash::Taken).is_none());

        let one = path.with_extension(dirty.logs[0].0);
        let hive = open(&path, &LogChoice::Named(vec![one.clone()])).0.unwrap();
        assert_eq!(hive.logs().collect::<Vec<_>>(), [one]);
    }

    #[test]
    fn dirty_hive_with_one_log_of_the_pair_is_a_notice() {
        let dirty = dirty();
        let folder = Scratch::new("opener-one-log");
        let hive = folder.file("SYSTEM", &dirty.primary);
        let (_, log) = dirty.logs.last().unwrap();
        let path = folder.file("SYSTEM.LOG2", &log.bytes);
        let (_, kinds) = open(&hive, &LogChoice::Beside);
        assert_eq!(kinds, [NotReadKind::LogMissing]);
        assert_eq!(open(&hive, &LogChoice::Named(vec![path])).1, []);
        folder.file("SYSTEM.LOG1", b"");
        assert_eq!(open(&hive, &LogChoice::Beside).1, []);
    }

    #[test]
    fn file_that_changes_while_open_is_reported_at_the_end() {
        let (_folder, path) = folder("opener-changes", &dirty());
        let hive = open(&path, &LogChoice::Beside).0.unwrap();
        std::fs::write(&path, b"regf").unwrap();
        let notices = hive.finish();
        assert!(matches!(&notices[..], [Notice::Changed(changed)] if *changed == path));
    }

    #[test]
    fn fragment_is_opened_with_its_shift_and_without_logs() {
        let dirty = dirty();
        let (folder, path) = folder("opener-fragment", &dirty);
        let whole = open(&path, &LogChoice::NotApplied).0.unwrap();
        let bins = folder.file("elsewhere/bins", &dirty.primary[4096..]);
        let (hive, kinds) = open(&bins, &LogChoice::NotApplied);
        let hive = hive.unwrap();
        assert_eq!((hive.shift(), &kinds[..]), (Some(4096), &[NotReadKind::BaseBlock][..]));
        assert_eq!(hive.bytes()[4096..], whole.bytes()[4096..]);
        let log = path.with_extension(dirty.logs[0].0);
        let (hive, kinds) = open(&bins, &LogChoice::Named(vec![log]));
        assert_eq!(hive.unwrap().logs().count(), 0);
        assert_eq!(kinds, [NotReadKind::LogsNotApplied, NotReadKind::BaseBlock]);
        let error = open(&folder.file("bin", b"hbin"), &LogChoice::Beside).0.unwrap_err();
        assert!(matches!(error, OpenError::NoWholeBin(_)), "{error}");
    }

    #[test]
    fn log_without_its_hive_is_read_as_pages() {
        let dirty = dirty();
        let (_folder, path) = folder("opener-log", &dirty);
        let log = path.with_extension(dirty.logs[0].0);
        let (hive, kinds) = open(&log, &LogChoice::Beside);
        assert!(hive.unwrap().is_logs_alone());
        assert_eq!(kinds, [NotReadKind::Hive]);
        let mut opener = Opener::new(|path, _| Image::read(path), &LogChoice::Beside);
        let error = opener.hive(&log, AccessPattern::Normal, &mut drop).unwrap_err();
        assert!(error.to_string().contains("give its hive instead"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn log_that_is_a_link_out_of_the_folder_is_a_notice_and_not_applied() {
        let dirty = dirty();
        let (folder, hive) = folder("log-link", &dirty);
        let elsewhere = Scratch::new("log-link-to");
        for (log, file) in &dirty.logs {
            let path = folder.0.join(format!("SYSTEM.{log}"));
            std::fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(elsewhere.file(log, &file.bytes), &path).unwrap();
        }
        let (opened, notices) = open(&hive, &LogChoice::Beside);
        assert!(notices.contains(&NotReadKind::LogUnreadable), "{notices:?}");
        let applied = opened.unwrap().bytes().to_vec();
        let (stored, _) = open(&hive, &LogChoice::NotApplied);
        assert!(applied == stored.unwrap().bytes());
    }

    #[test]
    fn log_that_cannot_be_opened_is_a_notice() {
        let folder = Scratch::new("opener-unreadable");
        let hive = folder.file("SYSTEM", &dirty().primary);
        std::fs::create_dir(folder.0.join("SYSTEM.LOG1")).unwrap();
        let (hive, kinds) = open(&hive, &LogChoice::Beside);
        assert!(hive.is_ok());
        assert_eq!(kinds, [NotReadKind::LogUnreadable]);
    }

    #[test]
    fn file_that_is_not_a_hive_is_refused_with_its_path() {
        let folder = Scratch::new("opener-refused");
        let path = folder.file("export.reg", b"REGEDIT4");
        for path in [&folder.0, &path, &folder.file("cut", b"regf"), &folder.0.join("missing")] {
            let error = open(path, &LogChoice::Beside).0.unwrap_err();
            assert_eq!(error.path(), path);
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
    }
}
