// SPDX-License-Identifier: MIT OR Apache-2.0

//! The three trees of the cases.

use super::subject::{Subject, Targets};
use crate::rng::Rng;
use crate::scenario::store;
use crate::time::filetime;
use crate::tree::{Key, Name, Tree, Value, utf16_nul};
use crate::{ListKind, Locality, Options, SEGMENT, random};

/// A tree of several bins, its form, and the places that cases hide and damage.
#[derive(Clone, Debug)]
pub(crate) struct Laboratory {
    pub(crate) name: &'static str,
    pub(crate) tree: Tree,
    pub(crate) options: Options,
    pub(crate) targets: Targets,
}

impl Laboratory {
    /// Returns the tree, written as a hive.
    pub(super) fn subject(&self) -> Subject {
        Subject::new(self.name, self.tree.clone(), self.options.clone())
    }

    /// Returns the tree, written in a version with big data.
    pub(super) fn subject_with_big_data(&self) -> Subject {
        let options = Options { minor: self.options.minor.max(5), ..self.options.clone() };
        Subject::new(self.name, self.tree.clone(), options)
    }

    /// Returns the tree and its form, for further content before writing.
    pub(super) fn with(&self, change: impl FnOnce(&mut Tree)) -> Subject {
        let mut tree = self.tree.clone();
        change(&mut tree);
        Subject::new(self.name, tree, self.options.clone())
    }
}

/// All trees.
pub(crate) fn all() -> [Laboratory; 3] {
    [plain(), licensing(), names()]
}

/// Returns a random tree with a laboratory: version 1.5, li, cells anywhere.
fn plain() -> Laboratory {
    let mut tree = random::plain_tree(31, 40);
    let cabinet = Key::new("Cabinet")
        .key(Key::new("Drawer 1").sz("Label", "Invoices"))
        .key(Key::new("Drawer 2").dword("Locked", 1))
        .key(
            Key::new("Drawer 3")
                .sz("Label", "Letters")
                .key(Key::new("Folder").dword("Sheets", 1).key(Key::new("Sheet").sz("", "Dear"))),
        );
    let instruments = Key::new("Instruments")
        .sz("Maker", "Precision Instruments of Springfield")
        .dword("Serial", 0x4D3C_2B1A)
        .binary("Readings", &Rng::new(311).bytes(300))
        .binary("Recording", &Rng::new(312).bytes(2 * SEGMENT + 7000))
        .binary("Other recording", &Rng::new(313).bytes(SEGMENT + 400));
    let shelf = Key::new("Shelf").sz("Label", "Books").key(Key::new("Book").sz("Title", "Hives"));
    tree.root.subkeys.push(Key::new("Laboratory").key(cabinet).key(instruments).key(shelf));
    let options =
        Options { list: ListKind::Li, locality: Locality::Shuffled(31), ..Options::default() };
    let instruments = r"Laboratory\Instruments";
    Laboratory {
        name: "plain",
        tree,
        options,
        targets: Targets {
            parent: r"Laboratory\Cabinet",
            other_parent: r"Laboratory\Shelf",
            deep: r"Laboratory\Cabinet\Drawer 3\Folder\Sheet",
            values: instruments,
            other_values: r"Laboratory\Shelf",
            text: (instruments, "Maker"),
            dword: (instruments, "Serial"),
            binary: (instruments, "Readings"),
            big: (instruments, "Recording"),
            other_big: (instruments, "Other recording"),
        },
    }
}

/// License store of a client with many licenses: version 1.3, lf, in order.
fn licensing() -> Laboratory {
    const FIRST_CONNECTION: u64 = filetime(2021, 5, 17, 7, 12, 40) + 1_111_111;
    const DAY: u64 = 864_000_000_000;
    let mut tree = Tree::new("ROOT");
    let hardware_id = Rng::new(32).bytes(20);
    let path = r"Microsoft\MSLicensing";
    let key = store::licensing(&mut tree, path, FIRST_CONNECTION, &hardware_id);
    for number in 0..24 {
        let written = FIRST_CONNECTION + number * DAY;
        let license = store::add(key, &format!("LICENSE{number:03}"), written);
        store::token(license);
        match number {
            1 => license.set(big_license(2 * SEGMENT + 5000)),
            2 => license.set(big_license(SEGMENT + 900)),
            _ => license,
        };
    }
    let windows = r"Microsoft\Windows NT\CurrentVersion";
    tree.root
        .made(windows, FIRST_CONNECTION)
        .push(Value::sz("ProductName", "Windows 10 Enterprise"))
        .push(Value::dword("InstallDate", 0x60A2_1B1C));
    let license = r"Microsoft\MSLicensing\Store\LICENSE000";
    let big = |license| (license, "ClientLicense");
    Laboratory {
        name: "licensing",
        tree,
        options: Options { minor: 3, list: ListKind::Lf, ..Options::default() },
        targets: Targets {
            parent: path,
            other_parent: r"Microsoft\Windows NT",
            deep: license,
            values: license,
            other_values: windows,
            text: (windows, "ProductName"),
            dword: (windows, "InstallDate"),
            binary: (license, "ClientLicense"),
            big: big(r"Microsoft\MSLicensing\Store\LICENSE001"),
            other_big: big(r"Microsoft\MSLicensing\Store\LICENSE002"),
        },
    }
}

/// Returns filler for a license, longer than a server issues.
fn big_license(len: usize) -> Value {
    Value::binary("ClientLicense", &Rng::new(len as u64).bytes(len))
}

/// Returns names in Latin-1 and UTF-16, up to surrogate pairs, and an ri: version 1.5, lh, runs of
/// keys anywhere.
fn names() -> Laboratory {
    const BOOKS: usize = 130;
    let mut tree = Tree::new("ROOT");
    let books = tree.root.at("B\u{fc}cher");
    for number in 0..BOOKS {
        let name = match number % 4 {
            0 => format!("Stra\u{df}e {number:03}"),
            1 => format!("\u{41a}\u{43d}\u{438}\u{433}\u{430} {number:03}"),
            2 => format!("\u{672c} {number:03}"),
            _ => format!("\u{1f4d6} {number:03}"),
        };
        let pages = Key::new("\u{9801}");
        let title = Value::sz("Titel\u{e4}", &format!("{name} \u{2014} {number}"));
        let pages = pages.dword("\u{447}\u{438}\u{441}\u{43b}\u{43e}", number as u32);
        books.subkeys.push(Key::new(name.as_str()).value(title).key(pages));
    }
    let keys = "\u{41a}\u{43b}\u{44e}\u{447}\u{438}";
    tree.root
        .at(keys)
        .push(Value::sz("\u{c4}rger", "\u{dc}berschrift \u{2014} \u{417}\u{430}\u{433}"))
        .push(Value::dword("\u{427}\u{438}\u{441}\u{43b}\u{43e}", 0x7A6B_5C4D))
        .push(Value::binary("\u{1f511}", &Rng::new(331).bytes(200)))
        .push(Value::binary("Gro\u{df}", &Rng::new(332).bytes(2 * SEGMENT + 9000)))
        .push(Value::binary("\u{5927}", &utf16_nul(&"\u{5927}".repeat(9000))));
    tree.root.at("\u{68da}").push(Value::sz("", "\u{68da}"));
    tree.root.at("\u{68da}").at("\u{c9}tag\u{e8}re").push(Value::new(
        Name::from("\u{e9}"),
        3,
        &[0xE9; 9],
    ));
    let options = Options { leaf_elements: 40, locality: Locality::Aged(33), ..Options::default() };
    Laboratory {
        name: "names",
        tree,
        options,
        targets: Targets {
            parent: "B\u{fc}cher",
            other_parent: "\u{68da}",
            deep: "B\u{fc}cher\\\u{1f4d6} 127\\\u{9801}",
            values: keys,
            other_values: "\u{68da}",
            text: (keys, "\u{c4}rger"),
            dword: (keys, "\u{427}\u{438}\u{441}\u{43b}\u{43e}"),
            binary: (keys, "\u{1f511}"),
            big: (keys, "Gro\u{df}"),
            other_big: (keys, "\u{5927}"),
        },
    }
}
