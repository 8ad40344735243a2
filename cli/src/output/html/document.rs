// SPDX-License-Identifier: GPL-3.0-or-later
//! The file as a whole: head, parts in order, and the JSON report.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::output::html::page::Page;
use crate::output::html::policy::{self, SCRIPT, STYLE};
use crate::output::html::prose::text;
use crate::output::html::{
    chart, copies, event_table, fact_table, finding_cards, front, gaps, host_pages, issuers, print,
    sources, token_cards,
};

/// A part of the file: anchor, heading and content.
type Part<'p> = (&'static str, &'static str, fn(&Page<'p>) -> Markup);

/// Parts after the front page, in order.
const fn parts<'p>() -> [Part<'p>; 11] {
    [
        ("hosts", "Hosts", host_pages::pages),
        ("findings", "Findings", finding_cards::cards),
        ("copies", "Copies of hives", copies::tables),
        ("timeline", "Timeline", timeline),
        ("issuers", "Who issued to whom", issuers::tables),
        ("tokens", "Licenses and certificates", token_cards::cards),
        ("facts", "Facts", fact_table::found),
        ("searched", "Places without a result", fact_table::absent),
        ("hives", "Hives and logs", sources::cards),
        ("gaps", "Warnings and unread inputs", gaps::lists),
        ("limits", "What this report cannot show", limits),
    ]
}

/// Returns the parts of this report. Most reports have one state of each installation.
fn shown<'p>(page: &Page<'p>) -> Vec<Part<'p>> {
    let has_copies = !page.report.copies.is_empty();
    parts().into_iter().filter(|(id, ..)| *id != "copies" || has_copies).collect()
}

/// Writes the file, part by part.
pub(super) fn write(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    write!(out, "{}", head(page).into_string())?;
    let shown = shown(page);
    let links: Vec<(&str, &str)> = shown.iter().map(|(id, name, _)| (*id, *name)).collect();
    write!(out, "\n<body>\n{}", front::page(page, &links).into_string())?;
    write!(out, "\n<main>")?;
    for (id, heading, content) in shown {
        let part = html! { section id=(id) { h2 { (heading) } (content(page)) } };
        write!(out, "\n{}", part.into_string())?;
    }
    write!(out, "\n</main>\n<script type=\"application/json\" id=\"report\">\n")?;
    out.write_all(page.json.as_bytes())?;
    let script = html! { script { (PreEscaped(SCRIPT)) } };
    writeln!(out, "\n</script>\n{}\n</body>\n</html>", script.into_string())
}

fn head(page: &Page<'_>) -> Markup {
    let page_style = print::style(page);
    let case = page.cover.case.case.as_deref().unwrap_or("no case given");
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy::policy(&page_style));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="generator" content=(page.tool());
            title { "calhive report: " (text(case)) }
            style { (PreEscaped(STYLE)) }
            style { (PreEscaped(page_style)) }
        }
    }
}

fn timeline(page: &Page<'_>) -> Markup {
    html! { (chart::drawings(page)) (event_table::table(page)) }
}

fn limits(page: &Page<'_>) -> Markup {
    html! { ul { @for limit in &page.report.limitations { li { (page.linked(limit)) } } } }
}
