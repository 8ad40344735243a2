// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`DocumentPart`]: a part of the JSON document of a report.

use alloc::collections::BTreeMap;
use core::iter::{once, once_with};

use serde::Serialize;

use calhive_evidence::NotRead;

use crate::report::document::{PageReport, PlaceReport};
use crate::report::search::{Search, is_without_result};
use crate::report::{
    Event, FactReport, Finding, Graph, Host, InputReport, Installation, Report, Run, SCHEMA,
    SkippedReport, SourceReport, Text, TokenReport, Tool,
};

/// A part of the JSON document of a report. A program can serialize many parts at a time, and write them in order.
///
/// ```
/// # let tree = hive_forge::tree::Tree::new("ROOT");
/// # let bytes = hive_forge::write(&tree, &Default::default()).bytes;
/// # let source = calhive::fact::Source::new(calhive::Hive::parse(&bytes)?, "SYSTEM");
/// # let report = calhive::interpret(&[calhive::collect(&source, Default::default())], None);
/// use calhive::report::DocumentPart;
/// let is_list = |part: &DocumentPart<'_>| matches!(part, DocumentPart::List("sources"));
/// assert!(report.document_parts().any(|part| is_list(&part)));
/// # Ok::<(), calhive::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum DocumentPart<'r> {
    /// A field with its value.
    Field(&'static str, PartValue<'r>),
    /// A field with a list. The items of the list follow.
    List(&'static str),
    /// An item of the last list.
    Item(PartValue<'r>),
}

/// Value of a field or an item. In JSON, the value alone.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct PartValue<'r>(Value<'r>);

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Value<'r> {
    Name(&'static str),
    Number(u32),
    Tool(&'r Tool),
    Run(&'r Run),
    Source(&'r SourceReport),
    Input(&'r InputReport),
    NotRead(&'r NotRead),
    Skipped(&'r SkippedReport),
    Host(&'r Host),
    Copies(&'r Installation),
    Token(&'r TokenReport),
    Finding(&'r Finding),
    Pages(BTreeMap<&'r str, PageReport<'r>>),
    Event(&'r Event),
    Graph(&'r Graph),
    Fact(&'r FactReport),
    Searched(Search<'r>),
    Catalog(BTreeMap<&'static str, PlaceReport>),
    Text(&'r Text),
}

impl Report {
    /// Returns all parts of the JSON document, in its order.
    pub fn document_parts(&self) -> impl Iterator<Item = DocumentPart<'_>> {
        let facts = self.facts.iter().filter(|fact| !is_without_result(fact));
        self.head()
            .chain(list("sources", self.sources.iter().map(Value::Source)))
            .chain(list_unless_empty("inputs", self.inputs.iter().map(Value::Input)))
            .chain(list("not_read", self.not_read.iter().map(Value::NotRead)))
            .chain(self.skipped())
            .chain(list("hosts", self.hosts.iter().map(Value::Host)))
            .chain(list_unless_empty("copies", self.copies.iter().map(Value::Copies)))
            .chain(list("tokens", self.tokens.iter().map(Value::Token)))
            .chain(list("findings", self.findings.iter().map(Value::Finding)))
            .chain(once_with(|| field("finding_pages", Value::Pages(PageReport::all(self)))))
            .chain(list("events", self.events.iter().map(Value::Event)))
            .chain(once(field("graph", Value::Graph(&self.graph))))
            .chain(list("facts", facts.map(Value::Fact)))
            .chain(list("searched", Search::of(self).into_iter().map(Value::Searched)))
            .chain(once_with(|| field("catalog", Value::Catalog(PlaceReport::all(self)))))
            .chain(list("limitations", self.limitations.iter().map(Value::Text)))
    }

    fn head(&self) -> impl Iterator<Item = DocumentPart<'_>> {
        let run = self.run.as_ref().map(|run| field("run", Value::Run(run)));
        let version = Value::Number(self.schema_version);
        [field("schema", Value::Name(SCHEMA)), field("schema_version", version)]
            .into_iter()
            .chain(once(field("tool", Value::Tool(&self.tool))))
            .chain(run)
    }

    fn skipped(&self) -> Option<DocumentPart<'_>> {
        let skipped = Some(&self.skipped).filter(|skipped| !SkippedReport::is_none(skipped));
        skipped.map(|skipped| field("skipped", Value::Skipped(skipped)))
    }
}

const fn field<'r>(name: &'static str, value: Value<'r>) -> DocumentPart<'r> {
    DocumentPart::Field(name, PartValue(value))
}

fn list<'r>(
    name: &'static str,
    items: impl Iterator<Item = Value<'r>>,
) -> impl Iterator<Item = DocumentPart<'r>> {
    once(DocumentPart::List(name)).chain(items.map(PartValue).map(DocumentPart::Item))
}

/// A list that is absent if it is empty.
fn list_unless_empty<'r>(
    name: &'static str,
    items: impl Iterator<Item = Value<'r>>,
) -> impl Iterator<Item = DocumentPart<'r>> {
    let mut items = items.peekable();
    let list = items.peek().is_some().then_some(DocumentPart::List(name));
    list.into_iter().chain(items.map(PartValue).map(DocumentPart::Item))
}
