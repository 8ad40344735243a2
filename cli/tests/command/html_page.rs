// SPDX-License-Identifier: GPL-3.0-or-later
//! An HTML report, parsed as a browser parses it.

use alloc::collections::BTreeMap;

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;

/// An HTML report.
#[derive(Debug)]
pub(crate) struct Page {
    /// Elements in their order.
    pub(crate) elements: Vec<Element>,
    /// What an HTML parser complains about.
    pub(crate) errors: Vec<String>,
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Text of the element and of all elements in it.
    pub(crate) text: String,
    /// Targets of the links in the element.
    pub(crate) links: Vec<String>,
}

impl Element {
    pub(crate) fn id(&self) -> &str {
        self.attributes.get("id").map_or("", String::as_str)
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        let classes = self.attributes.get("class").map_or("", String::as_str);
        classes.split(' ').any(|it| it == class)
    }
}

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
        let errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
        let mut elements = Vec::new();
        collect(&dom.document, &mut elements);
        Self { elements, errors }
    }

    /// Returns the elements of this name.
    pub(crate) fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    /// Returns the only element with this id.
    #[track_caller]
    pub(crate) fn with_id(&self, id: &str) -> &Element {
        let found: Vec<_> = self.elements.iter().filter(|element| element.id() == id).collect();
        assert_eq!(found.len(), 1, "elements with the id {id}");
        found[0]
    }

    /// Returns the text of the JSON report inside.
    pub(crate) fn json_text(&self) -> &str {
        self.with_id("report").text.trim_matches('\n')
    }

    /// Returns the JSON report inside.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.json_text()).unwrap()
    }
}

/// Adds the elements below a node. Returns the text and the links below it.
fn collect(node: &Handle, elements: &mut Vec<Element>) -> (String, Vec<String>) {
    let (mut text, mut links) = (String::new(), Vec::new());
    let place = match &node.data {
        NodeData::Text { contents } => {
            text.push_str(&contents.borrow());
            None
        }
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let attributes =
                attributes.iter().map(|it| (it.name.local.to_string(), it.value.to_string()));
            let attributes: BTreeMap<_, _> = attributes.collect();
            links.extend(attributes.get("href").cloned());
            elements.push(Element {
                name: name.local.to_string(),
                attributes,
                text: String::new(),
                links: Vec::new(),
            });
            Some(elements.len() - 1)
        }
        _ => None,
    };
    for child in node.children.borrow().iter() {
        let (more, to) = collect(child, elements);
        text.push_str(&more);
        links.extend(to);
    }
    if let Some(place) = place {
        elements[place].text.clone_from(&text);
        elements[place].links.clone_from(&links);
    }
    (text, links)
}
