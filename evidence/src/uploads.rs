// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Upload`]: a file in the list of uploads that Velociraptor writes (`uploads.json`).

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::layout;

/// Name of the list.
pub(crate) const FILE_NAME: &str = "uploads.json";
/// Largest list that is read, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;

/// A file that Velociraptor collected, as its list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Path in Windows, below the folder of the collection.
    pub(crate) path: PathBuf,
    /// Size of the file on the machine, in bytes.
    pub(crate) size: u64,
    /// Number of bytes in the collection.
    pub(crate) uploaded: u64,
}

impl Upload {
    /// Reads a list: JSON objects, one a line, or an array of them. Returns the uploads, and the number of
    /// objects before the first fault, if there is one.
    pub(crate) fn list(json: &[u8]) -> (Vec<Self>, Option<usize>) {
        let mut uploads = Vec::new();
        for (at, value) in
            serde_json::Deserializer::from_slice(json).into_iter::<Value>().enumerate()
        {
            match value {
                Ok(Value::Array(rows)) => uploads.extend(rows.iter().filter_map(Self::of)),
                Ok(row) => uploads.extend(Self::of(&row)),
                Err(_) => return (uploads, Some(at)),
            }
        }
        (uploads, None)
    }

    /// Returns the upload of a row; `None` for an index of a sparse file, and for another object.
    fn of(row: &Value) -> Option<Self> {
        let number = |name: &str| row.get(name).and_then(Value::as_u64);
        if row.get("Type").and_then(Value::as_str) == Some("idx") {
            return None;
        }
        let parts = row.get("_Components").and_then(Value::as_array);
        let parts =
            parts.map(|parts| parts.iter().filter_map(Value::as_str).collect::<Vec<&str>>());
        let path = match parts.as_deref().and_then(layout::of_upload) {
            Some(path) => path,
            None => {
                let path = row.get("vfs_path").and_then(Value::as_str)?;
                layout::windows_path(&layout::relative(path))
            }
        };
        let (size, uploaded) = (number("file_size")?, number("uploaded_size")?);
        Some(Self { path, size, uploaded })
    }

    /// Whether the collection holds less than the file.
    pub(crate) const fn is_short(&self) -> bool {
        self.uploaded < self.size
    }
}

/// Returns the folder of the collection that a list belongs to; `None` if the file is no list of uploads.
pub(crate) fn collection(list: &Path) -> Option<&Path> {
    let name = list.file_name()?;
    let folder = list.parent()?;
    let is_in_results = folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("results"));
    let folder = if is_in_results { folder.parent()? } else { folder };
    name.eq_ignore_ascii_case(FILE_NAME).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: &str = r#"{"Timestamp":1,"started":"2024-02-01 00:00:00 UTC",
        "vfs_path":"uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/config/SYSTEM",
        "_Components":["uploads","ntfs","\\\\.\\C:","Windows","System32","config","SYSTEM"],
        "file_size":4096,"uploaded_size":1024,"Type":""}"#;

    #[test]
    fn row_gives_the_path_in_windows_and_both_sizes() {
        let index = SYSTEM.replace(r#""Type":"""#, r#""Type":"idx""#);
        let old = r#"{"vfs_path":"uploads/auto/C%3A/a%20b/x","file_size":5,"uploaded_size":5}"#;
        for json in [format!("{SYSTEM}\n{index}\n{old}\n"), format!("[{SYSTEM},{index},{old}]")] {
            let (uploads, fault) = Upload::list(json.as_bytes());
            assert_eq!(fault, None);
            let [system, old] = &*uploads else { panic!("{uploads:?}") };
            assert_eq!(system.path, Path::new("C/Windows/System32/config/SYSTEM"));
            assert!(system.is_short());
            assert_eq!(old.path, Path::new("C/a b/x"));
            assert!(!old.is_short());
        }
    }

    #[test]
    fn path_below_a_client_is_the_same_path() {
        let row =
            SYSTEM.replace("[\"uploads\"", r#"["clients","C.1","collections","F.1","uploads""#);
        let (uploads, _) = Upload::list(row.as_bytes());
        assert_eq!(uploads[0].path, Path::new("C/Windows/System32/config/SYSTEM"));
    }

    #[test]
    fn fault_in_a_list_keeps_the_rows_before_it() {
        let (uploads, fault) = Upload::list(format!("{SYSTEM}\n{{\"vfs_path\":").as_bytes());
        assert_eq!((uploads.len(), fault), (1, Some(1)));
        assert_eq!(Upload::list(b"").1, None);
        let deep = "[".repeat(100_000);
        assert_eq!(Upload::list(deep.as_bytes()), (Vec::new(), Some(0)));
    }

    #[test]
    fn list_belongs_to_the_folder_above_results() {
        assert_eq!(collection(Path::new("a/uploads.json")), Some(Path::new("a")));
        assert_eq!(collection(Path::new("a/results/uploads.json")), Some(Path::new("a")));
        assert_eq!(collection(Path::new("uploads.json")), Some(Path::new("")));
        assert_eq!(collection(Path::new("a/other.json")), None);
    }
}
