// SPDX-License-Identifier: MIT OR Apache-2.0
//! A module uses only the layers before its own, and no modules import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::project;
use crate::house::sources::{self, Crate, ModulePath};

/// A folder of modules and the layers in it, lowest first. Modules of one layer may use each other, as
/// long as no circle results.
struct Layers {
    /// Folder of the crate's sources.
    src: &'static str,
    /// Path of the modules that the layers are in.
    inside: &'static [&'static str],
    layers: &'static [&'static [&'static str]],
}

const HOUSE: [Layers; 6] = [
    Layers {
        src: "regf/src",
        inside: &[],
        layers: &[
            &[
                "budget",
                "bytes",
                "error",
                "format",
                "gap_reader",
                "image",
                "limits",
                "meter",
                "offset",
                "path_text",
                "raw",
                "time",
                "words",
            ],
            &["hive"],
            &["log"],
            &["recover"],
            &["registry"],
        ],
    },
    Layers {
        src: "evidence/src",
        inside: &[],
        layers: &[
            &[
                "carving",
                "container",
                "disk",
                "field",
                "foreign",
                "image_hash",
                "license_file",
                "locator",
                "registry_export",
            ],
            &["real_path", "scratch", "structure", "trial"],
            &["containment", "volume"],
            &["bitlocker", "partitions"],
            &["bad_sectors", "escape", "hash", "held", "layout", "notice", "place", "tree"],
            &["source_file"],
            &["file"],
            &["accessors", "memory_tree", "ntfs", "stdin", "uploads"],
            &["shadow_copy"],
            &["disk_image", "kind", "second_tool"],
            &["input", "name_filter"],
            &["contradiction", "free_space"],
            &["free_clusters"],
            &["disk_tree"],
            &["archive"],
            &["open_tree"],
            &["trees"],
            &["logs"],
            &["survey"],
            &["skip"],
            &["found"],
            &["search"],
            &["folder", "memory"],
            &["beside", "corroboration", "master_key", "open_error"],
            &["not_read", "open_hive"],
            &["opener"],
        ],
    },
    Layers {
        src: "src",
        inside: &[],
        layers: &[
            &["grace_end", "json_text", "order", "threads"],
            &["catalog"],
            &["meaning"],
            &["token"],
            &["fact"],
            &["collect"],
            &["second_reader"],
            &["report"],
            &["comparison"],
            &["interpret"],
            &["scan"],
        ],
    },
    Layers {
        src: "src",
        inside: &["interpret"],
        layers: &[
            &[
                "copy_place",
                "disagreements",
                "evidence_id",
                "limitations",
                "server_identity",
                "token_report",
                "view",
            ],
            &["absence", "contradiction", "control_sets", "membership", "removal"],
            &["facts", "pairing", "reference_time", "roles", "settings", "system", "tokens"],
            &["changes", "grace_end", "host_evidence", "pairing_statement"],
            &[
                "copies",
                "graph",
                "host",
                "installations",
                "profiles",
                "sources",
                "timeline",
                "free_clusters",
            ],
            &["answers", "findings"],
        ],
    },
    Layers {
        src: "cli/src",
        inside: &[],
        layers: &[
            &["address_space", "interrupt", "out_of_memory", "sigbus", "standard_output", "text"],
            &["progress"],
            &["digest", "invocation", "messages"],
            &["args", "lookup"],
            &["open"],
            &["origins"],
            &["redaction", "screen"],
            &["output"],
            &["commands"],
            &["program"],
            &["calhive_grace"],
        ],
    },
    Layers {
        src: "python/src",
        inside: &[],
        layers: &[
            &["fault", "time"],
            &["source"],
            &["listing"],
            &["key", "recovery"],
            &["carve", "hive", "scan", "token"],
        ],
    },
];

/// Circles that may stay: the three faces of one lookup, and the parts of one scanner.
const CIRCLES: [&[&str]; 2] = [
    &["hive/key", "hive/subkeys", "hive/values"],
    &["recover/carve/carver", "recover/carve/stream", "recover/carve/units"],
];

impl Layers {
    /// Returns the layer of a module, if it is inside.
    fn layer(&self, module: &ModulePath) -> Option<usize> {
        let rest = module.get(self.inside.len()..)?;
        let is_inside = module.iter().zip(self.inside).all(|(one, other)| one == other);
        let first = rest.first().filter(|_| is_inside)?;
        self.layers.iter().position(|layer| layer.contains(&first.as_str()))
    }

    fn is_inside(&self, module: &ModulePath) -> bool {
        module.len() > self.inside.len()
            && module.iter().zip(self.inside).all(|(one, other)| one == other)
    }

    /// Lists the imports that lead to a later layer.
    fn upward(&self, of: &Crate) -> Vec<String> {
        let imports = of.imports();
        let upward = imports.iter().filter(|(from, to)| match (self.layer(from), self.layer(to)) {
            (Some(from), Some(to)) => from < to,
            _ => false,
        });
        upward.map(|(from, to)| format!("{} uses {}", from.join("/"), to.join("/"))).collect()
    }
}

/// Lists the circles among the files of a crate. The file of a folder itself is not counted.
fn circles(of: &Crate) -> Vec<Vec<String>> {
    let mut uses: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for (from, to) in of.imports() {
        if !of.modules[&from].is_folder && !of.modules[&to].is_folder {
            uses.entry(from).or_default().insert(to);
        }
    }
    let reach = |start: &ModulePath| {
        let (mut seen, mut rest) = (BTreeSet::new(), vec![start]);
        while let Some(at) = rest.pop() {
            for next in uses.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    rest.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        uses.keys().map(|module| (module, reach(module))).collect();
    let mut found = BTreeSet::new();
    for (module, others) in &reached {
        if others.contains(module) {
            let circle = others
                .iter()
                .filter(|other| reached.get(**other).is_some_and(|it| it.contains(module)));
            found.insert(circle.map(|path| path.join("/")).collect::<Vec<_>>());
        }
    }
    found.into_iter().collect()
}

#[test]
fn every_module_has_a_layer() {
    for layers in &HOUSE {
        let of = Crate::read(&project().join(layers.src));
        for module in of.modules.keys().filter(|module| layers.is_inside(module)) {
            assert!(
                layers.layer(module).is_some(),
                "{}/{} has no layer",
                layers.src,
                module.join("/")
            );
        }
    }
}

#[test]
fn a_layer_uses_only_the_layers_before_it() {
    for layers in &HOUSE {
        let of = Crate::read(&project().join(layers.src));
        assert_eq!(layers.upward(&of), [""; 0], "{}", layers.src);
        assert!(of.imports().len() > 10, "{}", layers.src);
    }
}

/// In each layer but the last, an upward import is added and must be reported.
#[test]
fn an_upward_import_is_reported_in_each_layer() {
    let mut added = 0;
    for layers in &HOUSE {
        let of = Crate::read(&project().join(layers.src));
        let first = |layer: usize| {
            let mut modules = of.modules.keys();
            modules.find(|module| layers.layer(module) == Some(layer)).unwrap().clone()
        };
        for layer in 1..layers.layers.len() {
            let mut changed = of.clone();
            let (low, high) = (first(layer - 1), first(layer));
            changed.add_use(&low, &high);
            let expected = format!("{} uses {}", low.join("/"), high.join("/"));
            assert_eq!(layers.upward(&changed), [expected], "{}", layers.src);
            added += 1;
        }
    }
    assert!(added > 20, "{added}");
}

#[test]
fn only_the_known_circles_remain() {
    let sources: BTreeSet<&str> = HOUSE.iter().map(|layers| layers.src).collect();
    let found = sources.into_iter().flat_map(|src| circles(&Crate::read(&project().join(src))));
    let found: Vec<Vec<String>> = found.collect();
    assert_eq!(found, CIRCLES);
}

#[test]
fn a_new_circle_is_reported() {
    let mut of = Crate::read(&project().join("regf/src"));
    let path = |path: &str| -> ModulePath { path.split('/').map(str::to_owned).collect() };
    of.add_use(&path("time"), &path("image"));
    of.add_use(&path("image"), &path("time"));
    let found = circles(&of);
    let has = |circle: &Vec<String>| circle.contains(&"time".to_owned());
    assert!(found.iter().any(has), "{found:?}");
}

/// Licensing reads keys and values, never the bytes of the file.
#[test]
fn licensing_never_slices_the_file() {
    let mut read = 0;
    for path in sources::files(&project().join("src")) {
        let is_scan = path.strip_prefix(project().join("src")).unwrap().starts_with("scan");
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|_| !is_scan) {
            for call in [".bin_bytes(", ".file().as_slice(", ".cell(", ".cells("] {
                assert!(!line.contains(call), "{}: {line}", path.display());
            }
        }
        read += 1;
    }
    assert!(read > 50, "{read}");
}

#[test]
fn unsafe_stays_in_five_files() {
    let mut found = Vec::new();
    for folder in ["regf/src", "evidence/src", "src", "cli/src", "python/src", "testdata/src"] {
        for path in sources::files(&project().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap());
            let mut words =
                code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
            if words.any(|word| word == "unsafe") {
                let path = path.strip_prefix(project()).unwrap().to_str().unwrap().to_owned();
                found.push(path.replace('\\', "/"));
            }
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "cli/src/out_of_memory.rs",
            "cli/src/sigbus.rs",
            "cli/src/standard_output.rs",
            "regf/src/image.rs",
            "src/scan/options.rs"
        ]
    );
}
