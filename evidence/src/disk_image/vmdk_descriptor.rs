// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Descriptor`]: the text that names the extents and the parent of a VMDK.

use std::io;

use crate::structure::{damaged, unsupported};

/// Most extents of a disk.
const MOST_EXTENTS: usize = 4096;
/// Content ID that marks a disk without a parent.
const NO_PARENT: u32 = u32::MAX;

/// A descriptor.
#[derive(Debug, Default)]
pub(super) struct Descriptor {
    /// Content ID of the disk.
    pub(super) content: u32,
    /// Content ID and file name of the parent.
    pub(super) parent: Option<(u32, String)>,
    pub(super) extents: Vec<NamedExtent>,
}

/// An extent by its line in the descriptor.
#[derive(Debug)]
pub(super) struct NamedExtent {
    pub(super) sectors: u64,
    pub(super) kind: ExtentKind,
    /// Name of the file, without its folder.
    pub(super) file: String,
    /// Offset in the file, in sectors.
    pub(super) offset: u64,
}

/// Form of an extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExtentKind {
    Flat,
    Sparse,
    Zeros,
}

impl Descriptor {
    /// Parses the text of a descriptor.
    ///
    /// # Errors
    /// If a line about an extent is damaged, or names a device.
    pub(super) fn parse(text: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(text);
        let mut descriptor = Self::default();
        let (mut parent, mut hint) = (NO_PARENT, None);
        for line in text.split(['\n', '\r', '\0']).map(str::trim) {
            if let Some((key, value)) = line.split_once('=') {
                let value = value.trim().trim_matches('"');
                match key.trim().to_ascii_lowercase().as_str() {
                    "cid" => descriptor.content = u32::from_str_radix(value, 16).unwrap_or(0),
                    "parentcid" => parent = u32::from_str_radix(value, 16).unwrap_or(NO_PARENT),
                    "parentfilenamehint" => hint = Some(file_name(value)?),
                    _ => {}
                }
                continue;
            }
            if ["RW ", "RDONLY ", "NOACCESS "].iter().any(|access| line.starts_with(access)) {
                if descriptor.extents.len() >= MOST_EXTENTS {
                    return Err(damaged(format!("more than {MOST_EXTENTS} extents")));
                }
                descriptor.extents.push(NamedExtent::parse(line)?);
            }
        }
        if parent != NO_PARENT {
            let missing = || damaged("VMDK snapshot without the name of its parent");
            descriptor.parent = Some((parent, hint.ok_or_else(missing)?));
        }
        Ok(descriptor)
    }
}

impl NamedExtent {
    fn parse(line: &str) -> io::Result<Self> {
        let error = || damaged(format!("damaged line in the VMDK descriptor: {line}"));
        let (before, quoted) = line.split_once('"').unwrap_or((line, ""));
        let (file, after) = quoted.rsplit_once('"').unwrap_or(("", ""));
        let mut fields = before.split_whitespace();
        let (_, sectors, kind) = (fields.next(), fields.next(), fields.next());
        let sectors = sectors.and_then(|it| it.parse().ok()).ok_or_else(error)?;
        let kind = match kind.ok_or_else(error)? {
            "FLAT" | "VMFS" => ExtentKind::Flat,
            "SPARSE" | "VMFSSPARSE" | "SESPARSE" => ExtentKind::Sparse,
            "ZERO" => ExtentKind::Zeros,
            kind => {
                return Err(unsupported(format!(
                    "VMDK extent of type {kind}; export the disk as one file and give that"
                )));
            }
        };
        let offset =
            after.split_whitespace().next().map_or(Ok(0), str::parse).map_err(|_| error())?;
        let file = if kind == ExtentKind::Zeros { String::new() } else { file_name(file)? };
        Ok(Self { sectors, kind, file, offset })
    }
}

/// Returns the last part of a path. All files of a disk lie in one folder: no other path is opened.
fn file_name(path: &str) -> io::Result<String> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    if matches!(name, "" | "." | "..") {
        return Err(damaged(format!("the VMDK descriptor names no file: {path:?}")));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptor_names_extents_and_parent() {
        let text = b"# Disk DescriptorFile\nversion=1\nCID=7a\nparentCID=1f\n\
            parentFileNameHint=\"C:\\VMs\\base.vmdk\"\nRW 2048 FLAT \"/etc/a-flat.vmdk\" 63\n\
            RW 16 ZERO\nRW 8 SPARSE \"a-s001.vmdk\"\n";
        let descriptor = Descriptor::parse(text).unwrap();
        assert_eq!(descriptor.content, 0x7A);
        assert_eq!(descriptor.parent, Some((0x1F, "base.vmdk".to_owned())));
        let [flat, zeros, sparse] = &*descriptor.extents else { panic!() };
        assert_eq!((flat.sectors, flat.kind, flat.offset), (2048, ExtentKind::Flat, 63));
        assert_eq!(flat.file, "a-flat.vmdk");
        assert_eq!((zeros.sectors, zeros.kind), (16, ExtentKind::Zeros));
        assert_eq!((sparse.kind, &*sparse.file), (ExtentKind::Sparse, "a-s001.vmdk"));
    }

    #[test]
    fn line_that_names_no_file_is_an_error() {
        for line in
            ["RW 8 FLAT \"..\" 0", "RW x FLAT \"a\" 0", "RW 8 DEVICE \"sda\" 0", "RW 8 FLAT"]
        {
            assert!(Descriptor::parse(line.as_bytes()).is_err(), "{line}");
        }
    }
}
