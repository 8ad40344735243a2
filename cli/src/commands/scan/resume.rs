// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan -o DIR --resume`: a report folder for each input, without those that are complete.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use calhive_evidence::Found;

use super::{Scanned, reading};
use crate::args::{Scan, ScanOutput};
use crate::commands::output_folder::{Earlier, OutputFolder};
use crate::interrupt;
use crate::messages::{Messages, count};
use crate::text::escape;

/// Scans each input on its own. Writes a line for each to `out`.
///
/// # Errors
/// If the folder is refused, if no input could be scanned, or if `out` cannot be written.
pub(super) fn run(
    args: &Scan,
    folder: &Path,
    messages: &Messages,
    out: &mut dyn Write,
) -> Result<()> {
    let paths: Vec<&PathBuf> = args.paths.iter().collect();
    crate::commands::output_folder::refuse_in_input(folder, &paths)?;
    interrupt::note_requests()?;
    let mut names = Names::default();
    let mut done = 0_u64;
    for path in &paths {
        let output = folder.join(names.name(path));
        if interrupt::is_requested() {
            messages.incomplete(format_args!(
                "{}: not read: interrupted by the user",
                escape::path(path)
            ));
            continue;
        }
        let of_input = messages.of_input();
        let scanned = one(args, path, &output, &of_input);
        messages.absorb(of_input);
        match scanned {
            Ok(what) => {
                done = done.saturating_add(1);
                writeln!(out, "{}: {what}; {}", escape::path(path), escape::path(&output))?;
                out.flush()?;
            }
            // One failing input does not stop the others.
            Err(error) => messages.incomplete(format_args!("{}: {error:#}", escape::path(path))),
        }
    }
    if done == 0 {
        bail!("no input could be read");
    }
    Ok(())
}

/// Scans one input, unless its report is complete. Returns what was done.
fn one(args: &Scan, path: &PathBuf, output: &Path, messages: &Messages) -> Result<String> {
    let found = reading::search(&[path], &args.opening.search(), messages);
    if let Some(earlier) = Earlier::read(output).filter(|earlier| earlier.is_of(&found)) {
        let code = earlier.exit_code();
        if code == 0 {
            return Ok(String::from("complete before, skipped"));
        }
        messages.incomplete(format_args!(
            "{}: its report in {} has exit code {code}; --force makes it again",
            escape::path(path),
            escape::path(output)
        ));
        if !args.output.force {
            return Ok(String::from("reported before, skipped"));
        }
    } else if Earlier::read(output).is_some() && !args.output.force {
        bail!(
            "the evidence changed since its report in {}; --force makes it again",
            escape::path(output)
        );
    }
    if found.sources().is_empty() {
        found.not_read().iter().for_each(|input| messages.incomplete(input));
        bail!("no hive was found");
    }
    let options = ScanOutput { output: Some(output.into()), ..args.output.clone() };
    let Some(folder) = OutputFolder::check(&options, &[path])? else {
        bail!("no folder for the report");
    };
    scan(args, &[path], found, folder, messages)
}

fn scan(
    args: &Scan,
    paths: &[&PathBuf],
    found: Found,
    folder: OutputFolder,
    messages: &Messages,
) -> Result<String> {
    let scanned = Scanned::of(args, paths, found, None, messages)?;
    let hosts = count(scanned.report.hosts.len() as u64, "host");
    let findings = count(scanned.report.findings.len() as u64, "finding");
    scanned.write_folder(args, Some(folder), messages)?;
    Ok(format!("{hosts}, {findings}"))
}

/// Names of the folders of the inputs.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// Returns a folder name for an input: the name of the file or folder, with a number if it is taken.
    fn name(&mut self, path: &Path) -> String {
        let real = path.canonicalize().unwrap_or_else(|_| path.into());
        let name = real.file_name().map_or_else(|| "input".into(), |name| name.to_string_lossy());
        let numbered = (2_u32..).map(|number| format!("{name} ({number})"));
        let mut all = [name.to_string()].into_iter().chain(numbered);
        all.find(|name| self.0.insert(name.to_lowercase())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_one_name_get_folders_of_their_own() {
        let mut names = Names::default();
        let all = ["a/host.zip", "b/HOST.zip", "c/host.zip", "d/other"];
        let names = all.map(|path| names.name(Path::new(path)));
        assert_eq!(names, ["host.zip", "HOST.zip (2)", "host.zip (3)", "other"]);
    }
}
