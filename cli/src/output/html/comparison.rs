// SPDX-License-Identifier: GPL-3.0-or-later
//! The comparison of two hosts, copies or times as one HTML file (`diff --format html`).
//!
//! The file has no script. Like the report, it needs no network and no second file.

use std::io::{self, Write};

use calhive::Report;
use calhive::comparison::{
    ComparedHost, ComparedItem, ComparedValue, Comparison, HostComparison, ItemSubject,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::output::diff_table::{LIMIT, name, of_place, summary};
use crate::output::html::policy::{self, STYLE};
use crate::output::html::prose::text;
use crate::screen::seconds;

/// The margins of a printed page.
const PAGE_STYLE: &str = "@page{@top-left{content:\"calhive comparison\"}@bottom-right{content:\"Page \" counter(page) \" of \" counter(pages)}}";

/// Writes the comparison of two reports.
pub(crate) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    (a, b): (&Report, &Report),
) -> io::Result<()> {
    let unread = [("A", a), ("B", b)].map(|(side, report)| (side, report.not_read.as_slice()));
    let others = [("A", &comparison.not_compared_a), ("B", &comparison.not_compared_b)];
    let page = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy::without_script(PAGE_STYLE));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { "calhive comparison" }
            style { (PreEscaped(STYLE)) }
            style { (PreEscaped(PAGE_STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            h1 { "What differs" }
            p { (text(&comparison.tool.name)) " " (text(&comparison.tool.version)) "; times are UTC" }
            p { (LIMIT) }
        }
        main {
            @for pair in &comparison.hosts { (of_pair(pair, (a, b))) }
            @for (side, hosts) in others { @for host in hosts {
                p { "Not compared, only in " (side) ": " (text(name(host))) }
            } }
            @for (side, inputs) in unread { @if !inputs.is_empty() {
                h2 { "Not read, or read only in part, in " (side) }
                ul { @for input in inputs { li.warning { (text(input)) } } }
            } }
        }
        (PreEscaped("</body></html>"))
    };
    writeln!(out, "{}", page.into_string())
}

fn of_pair(pair: &HostComparison, (a, b): (&Report, &Report)) -> Markup {
    html! { section {
        h2 { (text(name(&pair.a))) " and " (text(name(&pair.b))) }
        dl { (side("A", &pair.a, a)) (side("B", &pair.b, b)) }
        p { (summary(pair)) }
        @if !pair.items.is_empty() { div.wide { table.grid {
            thead { tr {
                th scope="col" { "Result" } th scope="col" { "What" } th scope="col" { "A" } th scope="col" { "B" }
            } }
            tbody { @for item in &pair.items { (row(item)) } }
        } } }
    } }
}

/// Returns the newest time of a host, and its hives.
fn side(letter: &str, host: &ComparedHost, report: &Report) -> Markup {
    let of_host = report.hosts.iter().find(|it| it.id == host.id);
    let ids = of_host.iter().flat_map(|it| &it.sources);
    let sources = ids.filter_map(|id| report.sources.iter().find(|it| it.id == *id));
    html! {
        dt { (letter) }
        dd {
            @if let Some(newest) = host.newest { "newest key time " time { (seconds(newest)) } }
            ul { @for source in sources { li {
                span.path { (text(&source.path)) }
                @if let Some(hash) = &source.sha256 { " SHA-256 " code { (hash) } }
            } } }
        }
    }
}

fn row(item: &ComparedItem) -> Markup {
    let nothing = match item.subject {
        _ if !item.doubts.is_empty() => "nothing found",
        ItemSubject::Finding => "no such finding; hives read whole",
        _ => "nothing; read whole at this place",
    };
    html! { tr {
        td { (item.result) }
        td {
            (item.subject) ": " (text(&item.title)) br; code { (text(&item.code)) }
            @if !item.doubts.is_empty() {
                p { "Not determinable:" }
                ul { @for doubt in &item.doubts { li { (text(doubt)) } } }
            }
        }
        @for value in [&item.a, &item.b] { td.value {
            @if let Some(value) = value { (of_value(value)) } @else { span.muted { (nothing) } }
        } }
    } }
}

fn of_value(value: &ComparedValue) -> Markup {
    html! {
        (text(&value.text))
        @if let Some(written) = value.key_last_written {
            br; span.muted { "key last written " time { (seconds(written)) } }
        }
        @if !value.places.is_empty() { ul { @for place in &value.places { li.path { (text(of_place(place))) } } } }
    }
}
