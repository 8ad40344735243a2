// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Crate`]: the modules of a crate and the paths that each uses, as syn reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path of module names, without `crate`.
pub(super) type ModulePath = Vec<String>;

/// A crate: its modules by path.
#[derive(Clone)]
pub(super) struct Crate {
    pub(super) modules: BTreeMap<ModulePath, Module>,
}

/// A file of a crate.
#[derive(Clone, Default)]
pub(super) struct Module {
    /// Whether the file is `lib.rs`, `main.rs` or `mod.rs`.
    pub(super) is_folder: bool,
    /// Paths inside the crate that the file uses.
    uses: BTreeSet<ModulePath>,
    /// Names that the file imports or re-exports, each with its path.
    names: BTreeMap<String, ModulePath>,
    /// Names of public types that the file defines.
    pub(super) types: Vec<String>,
}

/// Lists the Rust files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut rest) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = rest.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rest.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Lines of code: without comments, and without the tests at the end of the file.
pub(crate) fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap())
}

impl Crate {
    /// Reads the sources of a crate.
    pub(super) fn read(src: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for file in files(src) {
            let inside = file.strip_prefix(src).unwrap().with_extension("");
            let mut path: ModulePath =
                inside.components().map(|it| it.as_os_str().to_str().unwrap().to_owned()).collect();
            let is_folder = ["lib", "main", "mod"].contains(&path.last().unwrap().as_str());
            if is_folder {
                path.pop();
            }
            let text = std::fs::read_to_string(&file).unwrap();
            modules.insert(path.clone(), Module::parse(&text, path, is_folder));
        }
        assert!(modules.len() > 5, "{} has {} files", src.display(), modules.len());
        Self { modules }
    }

    /// Resolves a path to the module that defines its last name.
    fn resolve(&self, path: &[String]) -> Option<ModulePath> {
        let mut at = ModulePath::new();
        for (index, name) in path.iter().enumerate() {
            let mut below = at.clone();
            below.push(name.clone());
            if self.modules.contains_key(&below) {
                at = below;
                continue;
            }
            let module = self.modules.get(&at)?;
            return match module.names.get(name) {
                Some(target) if target != &path[..=index] => {
                    let mut full = target.clone();
                    full.extend_from_slice(&path[index + 1..]);
                    self.resolve(&full)
                }
                _ => Some(at),
            };
        }
        Some(at)
    }

    /// Lists every import: the module, and the module that it uses.
    pub(super) fn imports(&self) -> BTreeSet<(ModulePath, ModulePath)> {
        let mut found = BTreeSet::new();
        for (from, module) in &self.modules {
            for path in &module.uses {
                if let Some(to) = self.resolve(path)
                    && &to != from
                {
                    found.insert((from.clone(), to));
                }
            }
        }
        found
    }

    /// Adds a use to a module, as if its source contained `use crate::path;`.
    pub(super) fn add_use(&mut self, from: &ModulePath, path: &ModulePath) {
        self.modules.get_mut(from).unwrap().uses.insert(path.clone());
    }
}

impl Module {
    fn parse(text: &str, path: ModulePath, is_folder: bool) -> Self {
        let file = syn::parse_file(text).unwrap();
        let children = file.items.iter().filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        });
        let mut reader = Reader {
            children: children.collect(),
            path,
            module: Self { is_folder, ..Self::default() },
        };
        reader.visit_file(&file);
        reader.module
    }
}

/// Collects the paths of a file.
struct Reader {
    path: ModulePath,
    children: BTreeSet<String>,
    module: Module,
}

impl Reader {
    /// Returns the path from the root of the crate, if `names` is a path inside it.
    fn absolute(&self, names: &[String]) -> Option<ModulePath> {
        let (first, rest) = names.split_first()?;
        let mut base = match first.as_str() {
            "crate" => ModulePath::new(),
            "self" => self.path.clone(),
            "super" => self.path[..self.path.len().checked_sub(1)?].to_vec(),
            child if self.children.contains(child) => {
                let mut base = self.path.clone();
                base.push(child.to_owned());
                base
            }
            _ => return None,
        };
        base.extend_from_slice(rest);
        Some(base)
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let mut names = before.to_vec();
        match tree {
            syn::UseTree::Path(path) => {
                names.push(path.ident.to_string());
                self.tree(&names, &path.tree);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.tree(&names, tree));
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.leaf(&names, names.last().cloned())
            }
            syn::UseTree::Name(name) => {
                names.push(name.ident.to_string());
                self.leaf(&names, names.last().cloned());
            }
            syn::UseTree::Rename(rename) => {
                names.push(rename.ident.to_string());
                self.leaf(&names, Some(rename.rename.to_string()));
            }
            syn::UseTree::Glob(_) => self.leaf(&names, None),
        }
    }

    fn leaf(&mut self, names: &[String], name: Option<String>) {
        let Some(path) = self.absolute(names) else { return };
        self.module.uses.insert(path.clone());
        if let Some(name) = name {
            self.module.names.insert(name, path);
        }
    }

    /// Reads `crate::a::b` in the arguments of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut names: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if names.last().is_some_and(|last| last != "::") {
                        self.end(&mut names);
                    }
                    names.push(ident.to_string());
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !names.is_empty() => {
                    if names.last().is_some_and(|last| last != "::") {
                        names.push("::".to_owned());
                    }
                }
                TokenTree::Group(group) => {
                    self.end(&mut names);
                    self.tokens(group.stream());
                }
                _ => self.end(&mut names),
            }
        }
        self.end(&mut names);
    }

    fn end(&mut self, names: &mut Vec<String>) {
        names.retain(|name| name != "::");
        if names.len() > 1
            && let Some(path) = self.absolute(names)
        {
            self.module.uses.insert(path);
        }
        names.clear();
    }

    fn define(&mut self, visibility: &syn::Visibility, name: &syn::Ident) {
        if matches!(visibility, syn::Visibility::Public(_)) {
            self.module.types.push(name.to_string());
        }
    }
}

/// Whether an item exists in tests alone.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("cfg")
            && it.parse_args::<syn::Ident>().is_ok_and(|name| name == "test" || name == "doctest")
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(it) => &it.attrs,
            syn::Item::Impl(it) => &it.attrs,
            syn::Item::Use(it) => &it.attrs,
            syn::Item::Fn(it) => &it.attrs,
            syn::Item::Struct(it) => &it.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
        if names.len() > 1
            && let Some(path) = self.absolute(&names)
        {
            self.module.uses.insert(path);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        self.tokens(it.tokens.clone());
        visit::visit_macro(self, it);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.define(&item.vis, &item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.define(&item.vis, &item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.define(&item.vis, &item.ident);
        visit::visit_item_trait(self, item);
    }
}
