// SPDX-License-Identifier: MIT OR Apache-2.0

//! Valid hives for the comparison of readers, and small hives as fuzzing seeds.

use crate::canonical::canonical;
use crate::tree::{Key, SYM_LINK, Security, Tree, Value};
use crate::{ListKind, Locality, Options, SEGMENT, random, write};

/// A file to write.
#[derive(Clone, Debug)]
pub struct File {
    /// Path below the output folder, with slashes.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Turns a name into a file name.
pub fn dashed(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(keep).collect()
}

/// Returns one hive for each version, kind of subkey list and locality, each with its canonical
/// form. Hives of versions 1.1 and 1.2 are in `old/`, since most readers do not know these
/// versions.
pub fn hives() -> Vec<File> {
    let tree = random::plain_tree(20, 300);
    let mut files = Vec::new();
    for minor in 1..=6 {
        let kinds: &[(&str, ListKind)] = match minor {
            1..=2 => &[("li", ListKind::Li)],
            3..=4 => &[("li", ListKind::Li), ("lf", ListKind::Lf)],
            _ => &[("li", ListKind::Li), ("lf", ListKind::Lf), ("lh", ListKind::Lh)],
        };
        let folder = if minor <= 2 { "old/" } else { "" };
        for &(kind, list) in kinds {
            for (order, locality) in
                [("inorder", Locality::InOrder), ("shuffled", Locality::Shuffled(7))]
            {
                let options = Options { minor, list, locality, ..Options::default() };
                let name = format!("{folder}v1.{minor}-{kind}-{order}");
                files.extend(with_canonical(&name, &tree, &options));
                if order == "inorder" {
                    let options = Options { leaf_elements: 3, ..options };
                    files.extend(with_canonical(&format!("{name}-ri"), &tree, &options));
                }
            }
        }
    }
    files.extend(with_canonical("v1.5-classes-security", &classes(), &Options::default()));
    files
}

/// Returns small hives as fuzzing seeds: one of each version, and one with many structures.
pub fn seeds() -> Vec<File> {
    let mut files = Vec::new();
    for minor in 1..=6 {
        let mut tree = random::tree(u64::from(minor), 12, minor);
        shorten(&mut tree.root);
        let options = Options { minor, leaf_elements: 2, ..Options::default() };
        let bytes = write(&tree, &options).bytes;
        files.push(File { path: format!("v1.{minor}.hive"), bytes });
    }
    let mut tree = classes();
    tree.root.at("big").push(Value::binary("segments", &[0x5A; SEGMENT + 1]));
    tree.root.at("gone").push(Value::tombstone("tombstone"));
    let link = Key::new("link").flags(SYM_LINK).value(Value::link(r"\Registry\Machine\Target"));
    tree.root = tree.root.key(link);
    let bytes = write(&tree, &Options { minor: 6, ..Options::default() }).bytes;
    files.push(File { path: "everything.hive".to_owned(), bytes });
    files
}

/// Shortens the data, since a fuzzer works best on small files.
fn shorten(key: &mut Key) {
    key.values.iter_mut().for_each(|value| value.data.truncate(64));
    key.subkeys.iter_mut().for_each(shorten);
}

/// Adds class names and several security descriptors.
fn classes() -> Tree {
    let mut tree = Tree::new("ROOT");
    for name in ["JD", "Skew1", "GBG", "Data"] {
        let key = Key::new(name).class("0123abcd").dword("Number", 4).sz("", "default value");
        tree.root.at("Lsa").subkeys.push(key);
    }
    let mine = Security::administrators_full();
    tree.root.at(r"Lsa\Mine").security = mine.clone();
    tree.root.at("Mine too").security = mine;
    tree.root.at("Plain").push(Value::multi_sz("List", &["one", "two"]));
    tree
}

fn with_canonical(name: &str, tree: &Tree, options: &Options) -> [File; 2] {
    [
        File { path: format!("{name}.hive"), bytes: write(tree, options).bytes },
        File { path: format!("{name}.canonical"), bytes: canonical(tree) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_small() {
        let seeds = seeds();
        assert_eq!(seeds.len(), 7);
        assert!(seeds.iter().all(|file| file.bytes.len() < 40_000));
    }
}
