// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Listing`]: writes the items of all files, part by part.

use std::io::{self, Write};

use calhive::report::Tool;
use serde::Serialize;

use crate::args::CarveFormat;
use crate::commands::carve::find::Find;
use crate::invocation;
use crate::messages::count;
use crate::output::{json, table};

/// Limits of every carved item.
const LIMITATIONS: [&str; 3] = [
    "The place of bytes in a file does not show which program or user wrote them, or when.",
    "The client supplied the machine and user names in a token. A token is not a logon, and names no session \
     host or farm. Its issuer is not authenticated.",
    "Offsets in a key or value outside hives and bins count from the first bin of an unknown hive. calhive \
     cannot follow them to the path of the key or to data stored elsewhere.",
];

/// Writer of all items in one format.
pub(super) struct Listing<'o> {
    out: &'o mut dyn Write,
    format: CarveFormat,
    files: u32,
    /// Items of the current file that are already written.
    written: u64,
}

impl<'o> Listing<'o> {
    pub(super) fn new(format: CarveFormat, out: &'o mut dyn Write) -> Self {
        Self { out, format, files: 0, written: 0 }
    }

    /// Returns whether a file was listed.
    pub(super) const fn has_files(&self) -> bool {
        self.files > 0
    }

    /// Writes a part of the items of a file. More items follow.
    pub(super) fn part(&mut self, file: &str, found: &[Find]) -> io::Result<()> {
        if self.written == 0 {
            self.begin(file)?;
            match self.format {
                CarveFormat::Table => {
                    let order = "many items, listed in parts, each in order of offset";
                    writeln!(self.out, "{file}: {order}")?;
                }
                CarveFormat::Json => write!(self.out, "      \"found\": [")?,
                CarveFormat::Jsonl => {}
            }
        }
        self.items(found)
    }

    /// Writes the last items of a file of `size` bytes.
    pub(super) fn end(&mut self, file: &str, size: u64, found: &[Find]) -> io::Result<()> {
        let is_whole = self.written == 0;
        let total = self.written.saturating_add(found.len() as u64);
        let head = format!("{file}: {size} bytes, {} found", count(total, "item"));
        if is_whole {
            self.begin(file)?;
        }
        match self.format {
            CarveFormat::Table if is_whole => writeln!(self.out, "{head}")?,
            CarveFormat::Json if is_whole => {
                write!(self.out, "      \"size\": {size},\n      \"found\": [")?;
            }
            _ => {}
        }
        self.items(found)?;
        match self.format {
            CarveFormat::Table if !is_whole => writeln!(self.out, "{head}")?,
            CarveFormat::Json => {
                let close = if total > 0 { "\n      ]" } else { "]" };
                let size =
                    if is_whole { String::new() } else { format!(",\n      \"size\": {size}") };
                write!(self.out, "{close}{size}\n    }}")?;
            }
            _ => {}
        }
        self.written = 0;
        Ok(())
    }

    /// Writes what follows the last file.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.format {
            CarveFormat::Table => writeln!(self.out, "\n{}", LIMITATIONS.join("\n")),
            CarveFormat::Json => {
                writeln!(self.out, "\n  ],\n  \"limitations\": {}\n}}", indented(&LIMITATIONS, 1)?)
            }
            CarveFormat::Jsonl => Ok(()),
        }
    }

    fn begin(&mut self, file: &str) -> io::Result<()> {
        let is_first = self.files == 0;
        self.files = self.files.saturating_add(1);
        if self.format != CarveFormat::Json {
            return Ok(());
        }
        if is_first {
            let tool: Tool = invocation::tool();
            write!(self.out, "{{\n  \"tool\": {},\n  \"files\": [", indented(&tool, 1)?)?;
        }
        let comma = if is_first { "" } else { "," };
        write!(self.out, "{comma}\n    {{\n      \"file\": {},\n", serde_json::to_string(file)?)
    }

    fn items(&mut self, found: &[Find]) -> io::Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        match self.format {
            CarveFormat::Table => {
                let rows = found.iter().map(Find::row);
                table::write_tall(self.out, ["Offset", "Kind", "Length", "Description"], rows)?;
            }
            CarveFormat::Jsonl => {
                found.iter().try_for_each(|find| json::write_line(self.out, find))?;
            }
            CarveFormat::Json => {
                for (find, number) in found.iter().zip(self.written..) {
                    let comma = if number == 0 { "" } else { "," };
                    write!(self.out, "{comma}\n        {}", indented(find, 4)?)?;
                }
            }
        }
        self.written = self.written.saturating_add(found.len() as u64);
        Ok(())
    }
}

/// Returns indented JSON for a place at this depth of a document.
fn indented(what: &impl Serialize, depth: usize) -> io::Result<String> {
    let text = serde_json::to_string_pretty(what)?;
    Ok(text.replace('\n', &format!("\n{}", "  ".repeat(depth))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_written_in_parts_is_indented_like_a_whole_document() {
        let mut written = Vec::new();
        let mut listing = Listing::new(CarveFormat::Json, &mut written);
        listing.end("a\"b", 5, &[]).unwrap();
        listing.end("c", 6, &[]).unwrap();
        listing.finish().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(value["files"][1]["size"], 6);
        let tool = serde_json::to_value(invocation::tool()).unwrap();
        assert_eq!(value["tool"], tool);
        #[derive(Serialize)]
        struct File {
            file: &'static str,
            size: u64,
            found: [u8; 0],
        }
        #[derive(Serialize)]
        struct Document {
            tool: Tool,
            files: [File; 2],
            limitations: [&'static str; 3],
        }
        let files = [("a\"b", 5), ("c", 6)].map(|(file, size)| File { file, size, found: [] });
        let document = Document { tool: invocation::tool(), files, limitations: LIMITATIONS };
        let mut whole = Vec::new();
        json::write(&mut whole, &document).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(whole).unwrap());
    }
}
