// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive extract`: copies hives and logs out of disk images, archives and folders.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use calhive::Image;
use calhive::report::Tool;
use calhive_evidence::{Found, Locator, NotRead};
use serde::Serialize;

use crate::args::{Case, Extract};
use crate::commands::output_folder::refuse_in_input;
use crate::commands::scan::reading;
use crate::commands::write_new::write_new;
use crate::digest::sha256;
use crate::interrupt;
use crate::invocation;
use crate::messages::{Messages, count};
use crate::output::json;
use crate::text::escape;

/// Identifier of the form of the manifest.
const SCHEMA: &str = "urn:calhive:extract:1";
/// Folder of the copies, in the output folder.
const FILES: &str = "files";
const MANIFEST: &str = "manifest.json";
/// Number of bytes of a part of a path. File systems take 255 bytes, and a number can follow.
const MOST_NAME: usize = 200;

/// What a run copied.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    /// Identifier of this form, with its version.
    schema: &'static str,
    #[serde(flatten)]
    case: &'a Case,
    tool: Tool,
    command_line: Vec<String>,
    /// Start of the run, by the clock of the examiner's machine, UTC.
    started: String,
    /// Time at which the manifest was written, by the same clock.
    ended: String,
    exit_code: u8,
    files: &'a [Copied],
    not_read: Vec<NotRead>,
    warnings: Vec<String>,
}

/// A file that was copied.
#[derive(Debug, Serialize)]
struct Copied {
    /// Path of the copy in the output folder.
    path: String,
    kind: Kind,
    /// Path in the evidence, with special characters escaped.
    evidence: String,
    /// Where a second tool finds the file. Absent for a file on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    locator: Option<Locator>,
    /// Command by which another tool writes the same bytes. Absent if no such tool is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_tool: Option<String>,
    size: u64,
    sha256: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Hive,
    Log,
    /// Database of a license server. calhive does not read it.
    LicenseDatabase,
}

/// Runs the subcommand.
///
/// # Errors
/// If nothing was found, or if the output is refused or cannot be written.
pub(crate) fn run(args: &Extract, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let started = jiff::Timestamp::now();
    let paths: Vec<&PathBuf> = args.paths.iter().collect();
    refuse_in_input(&args.output, &paths)?;
    interrupt::note_requests()?;
    let found = reading::search(&paths, &args.opening.search(), messages);
    let not_read = found.not_read();
    not_read.iter().for_each(|input| messages.incomplete(input));
    let hives = found.hives.iter().map(|path| (path, Kind::Hive));
    let logs = found.log_files.iter().map(|path| (path, Kind::Log));
    let databases = found.license_databases();
    let databases = databases.iter().map(|path| (path, Kind::LicenseDatabase));
    let files: Vec<(&PathBuf, Kind)> = hives.chain(logs).chain(databases).collect();
    if files.is_empty() {
        bail!("no hive was found; give a disk image, an archive or a folder that holds hives");
    }
    let mut copies = Copies { args, found: &found, taken: HashSet::new(), copied: Vec::new() };
    for (path, kind) in files {
        if interrupt::is_requested() {
            messages.incomplete(NotRead::interrupted(path));
        } else if let Err(error) = copies.copy(path, kind, messages) {
            messages.incomplete(format_args!("{error:#}"));
        }
    }
    let copied = copies.copied;
    let manifest = Manifest {
        schema: SCHEMA,
        case: &args.case,
        tool: invocation::tool(),
        command_line: invocation::arguments().collect(),
        started: started.to_string(),
        ended: jiff::Timestamp::now().to_string(),
        exit_code: messages.exit_code(),
        files: &copied,
        not_read,
        warnings: messages.said().iter().map(|it| escape::message(it)).collect(),
    };
    fs::create_dir_all(&args.output).with_context(|| escape::path(&args.output))?;
    let mut bytes = Vec::new();
    json::write(&mut bytes, &manifest)?;
    write_new(&args.output.join(MANIFEST), &bytes, args.force)?;
    for file in &copied {
        writeln!(out, "{}  {}", file.sha256, file.path)?;
    }
    messages.note(format_args!(
        "{} copied to {}; {MANIFEST} has their places",
        count(copied.len() as u64, "file"),
        escape::path(&args.output)
    ));
    Ok(())
}

/// Copies of files in the output folder.
struct Copies<'a> {
    args: &'a Extract,
    found: &'a Found,
    /// Paths of the copies, in lower case.
    taken: HashSet<String>,
    copied: Vec<Copied>,
}

impl Copies<'_> {
    /// Copies a file.
    fn copy(&mut self, file: &Path, kind: Kind, messages: &Messages) -> Result<()> {
        messages.step(format_args!("copying {}", escape::path(file)));
        let image = match self.found.read_inside(file) {
            Some(image) => image?,
            None => Image::read(file)?,
        };
        if let Some(lost) = image.lost() {
            messages.incomplete(format_args!(
                "{}: {lost} could not be read, and the copy has zeros instead",
                escape::path(file)
            ));
        }
        let bytes = image.bytes();
        let name = self.name(file);
        let path = self.args.output.join(&name);
        let written = self.write(&path, bytes);
        written.with_context(|| format!("{} was not copied", escape::path(file)))?;
        let locator = self.found.locator(file).cloned();
        self.copied.push(Copied {
            path: name,
            kind,
            evidence: escape::path(file),
            second_tool: locator.as_ref().and_then(Locator::second_tool),
            locator,
            size: bytes.len() as u64,
            sha256: sha256([bytes]),
        });
        Ok(())
    }

    /// Writes a copy. A link below the output folder must not lead elsewhere.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let folder = path.parent().unwrap_or(&self.args.output);
        fs::create_dir_all(&self.args.output).with_context(|| escape::path(&self.args.output))?;
        let output = self.args.output.canonicalize();
        // The innermost folder that exists decides where the others are made.
        let real = folder.ancestors().find_map(|part| part.canonicalize().ok());
        if !real.zip(output.ok()).is_some_and(|(real, output)| real.starts_with(output)) {
            bail!("{} is a link out of the output folder", escape::path(folder));
        }
        fs::create_dir_all(folder).with_context(|| escape::path(folder))?;
        write_new(path, bytes, self.args.force)
    }

    /// Returns the path of a copy: the path in the evidence, with names that every file system takes.
    fn name(&mut self, file: &Path) -> String {
        let parts = file.components().filter_map(|part| match part {
            Component::Normal(name) => Some(safe(&name.to_string_lossy())),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
            Component::ParentDir => Some(String::from("_")),
        });
        let path = [String::from(FILES)].into_iter().chain(parts).collect::<Vec<_>>().join("/");
        let numbered = (2_u32..).map(|number| format!("{path} ({number})"));
        let mut names = [path.clone()].into_iter().chain(numbered);
        names.find(|name| self.taken.insert(name.to_lowercase())).unwrap_or(path)
    }
}

/// Replaces characters that a file system can refuse, and cuts a long name.
fn safe(name: &str) -> String {
    // Some letters are invisible.
    let is_shown = |letter: char| {
        let letter = letter.encode_utf8(&mut [0; 4]).to_owned();
        escape::message(&letter) == letter
    };
    let is_plain = |letter: &char| {
        letter.is_alphanumeric() && is_shown(*letter) || " ._-()[]{}%$#@!~+=,;&'".contains(*letter)
    };
    let letters = name.chars().map(|letter| if is_plain(&letter) { letter } else { '_' });
    let mut safe = String::new();
    for letter in letters {
        if safe.len().saturating_add(letter.len_utf8()) > MOST_NAME {
            break;
        }
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_copy_has_only_characters_that_every_file_system_takes() {
        assert_eq!(safe("SYSTEM.LOG1"), "SYSTEM.LOG1");
        assert_eq!(safe("a:b*\u{202E}c\n"), "a_b__c_");
        assert_eq!(safe("\u{E4}\u{3164}\u{FFA0}1"), "\u{E4}__1");
        assert_eq!(safe(&"x".repeat(999)).len(), MOST_NAME);
        assert_eq!(safe(&"一".repeat(100)).len(), 198);
    }
}
