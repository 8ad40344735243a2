// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SourceForm`]: the form of the evidence that facts come from.

use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::{ExportEncoding, ExportFault, ExportVersion, LicenseFileForm, LiveClient};
use calhive_regf::registry::HiveKind;

/// Form of the evidence that facts come from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum SourceForm {
    /// A registry hive.
    #[default]
    Hive,
    /// A text export of the registry editor.
    RegistryExport(ExportForm),
    /// Rows of the running registry of one system.
    LiveRows(ExportForm, LiveClient),
    /// A license that a Remote Desktop client on another system stored in a file.
    LicenseFile(LicenseFileForm),
    /// Bytes in unallocated clusters of a volume, to which no key leads.
    UnallocatedSpace,
}

/// Lines of a text export of the registry editor, or of rows of a live registry. Keys and values that are not in the
/// lines can exist in the registry.
#[derive(Clone, Debug)]
pub struct ExportForm {
    /// Version in the first line; `None` without such a line, as in rows.
    pub version: Option<ExportVersion>,
    /// Encoding of the text.
    pub encoding: ExportEncoding,
    /// Number of lines.
    pub lines: u64,
    /// Keys in the export that serve as roots, with the kind of hive that Windows mounts there.
    pub roots: Vec<(HiveKind, String)>,
    /// Lines at places of the catalog that change what the text holds, up to a limit.
    pub remarks: Vec<ExportRemark>,
    /// Faults in the order of the text, up to a limit.
    pub faults: Vec<ExportFault>,
    /// Number of faults, without remarks.
    pub fault_count: u64,
}

/// A line of an export that removes or repeats something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRemark {
    /// Line, from 1.
    pub line: u64,
    /// What the line does.
    pub kind: ExportRemarkKind,
    /// Path of the key as in the export.
    pub key: String,
    /// Name of the value; `None` for a key.
    pub value: Option<String>,
}

/// What a line of an export does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportRemarkKind {
    /// It asks the registry editor to delete a key or value.
    Removal,
    /// It repeats a value of an earlier line, the number of which is in the field.
    Repeats(u64),
}

impl SourceForm {
    /// Returns the lines of an export or of rows, if the source is one.
    pub const fn export(&self) -> Option<&ExportForm> {
        match self {
            Self::RegistryExport(export) | Self::LiveRows(export, _) => Some(export),
            Self::Hive | Self::LicenseFile(_) | Self::UnallocatedSpace => None,
        }
    }

    /// Returns the system of rows of a live registry, if the source is one.
    pub const fn live(&self) -> Option<&LiveClient> {
        match self {
            Self::LiveRows(_, client) => Some(client),
            Self::Hive
            | Self::RegistryExport(_)
            | Self::LicenseFile(_)
            | Self::UnallocatedSpace => None,
        }
    }

    /// Whether the source is a hive, which holds everything below its root.
    pub(crate) const fn is_hive(&self) -> bool {
        matches!(self, Self::Hive)
    }

    /// Returns why the source shows no absence; `None` for a hive.
    pub(crate) const fn shows_no_absence(&self) -> Option<&'static str> {
        match self {
            Self::Hive => None,
            Self::RegistryExport(_) => Some("is an export, which holds only what was exported"),
            Self::LiveRows(..) => {
                Some("holds rows of a live registry, which show only what was collected")
            }
            Self::LicenseFile(_) => Some("is a license file, which holds one license"),
            Self::UnallocatedSpace => Some("is in unallocated clusters, which hold parts of files"),
        }
    }

    /// Whether the source is a license file.
    pub(crate) const fn is_license_file(&self) -> bool {
        matches!(self, Self::LicenseFile(_))
    }

    /// Whether the source is in unallocated clusters of a volume.
    pub(crate) const fn is_unallocated(&self) -> bool {
        matches!(self, Self::UnallocatedSpace)
    }

    /// Whether the source is a host of its own: rows of one system, or an export with parts of several hives.
    pub(crate) fn is_whole_host(&self) -> bool {
        self.live().is_some() || self.export().is_some_and(|export| export.roots.len() > 1)
    }
}
