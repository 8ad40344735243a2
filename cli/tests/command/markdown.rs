// SPDX-License-Identifier: GPL-3.0-or-later
//! The page as Markdown, read by a parser of Markdown.

use hive_forge::tree::{Tree, Value};
use hive_forge::{Options, scenario as forged, write};
use pulldown_cmark::{Event, Options as Syntax, Parser, Tag, TagEnd};

use super::{Folder, calhive, scenario};

/// Names with markup of Markdown and HTML. The parts of a name must be text of one cell each.
const NAMES: [&str; 4] = [
    "</script><img src=x onerror=alert(1)>",
    "a|b [x](javascript:alert(1)) ![y](http://z) <http://q>",
    "**b** _i_ `c` ~~s~~ # h \\| &lt; &#124; 1. - + ===",
    "``` \u{202E}\n---\n| x | y |\n|---|---|",
];

fn markdown(folder: &str) -> String {
    calhive(["scan", "-q", folder, "--format", "markdown"]).code(0).text().to_owned()
}

/// Parses a page. Returns its text, and asserts that it has headings, paragraphs, tables and bold text only,
/// and rows of one length in each table.
pub(crate) fn parsed(page: &str) -> String {
    let mut text = String::new();
    let (mut cells, mut width) = (0, None);
    for event in Parser::new_ext(page, Syntax::ENABLE_TABLES | Syntax::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Start(Tag::Table(columns)) => width = Some(columns.len()),
            Event::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                assert_eq!(Some(cells), width, "{page}");
                text.push('\n');
            }
            Event::End(TagEnd::TableCell) => text.push('\t'),
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::Strong) => {}
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph) => text.push('\n'),
            Event::End(TagEnd::Table | TagEnd::Strong) | Event::SoftBreak => {}
            // An empty comment keeps `@name` from being a mention.
            Event::InlineHtml(html) if &*html == "<!-- -->" => {}
            other => panic!("{other:?} in {page}"),
        }
    }
    text
}

#[test]
fn markdown_has_the_whole_page_without_options() {
    let folder = scenario("windows-10-client-with-token");
    let page = markdown(folder.to_str().unwrap());
    assert!(page.starts_with("## **RODENT**   Windows 10 Pro 22H2 \\(19045\\.3570\\)"), "{page}");
    let text = parsed(&page);
    for part in [
        "Stored licenses\n",
        "license server RODENT, scope WORKGROUP (self-reported)",
        "2007-06-20 14:51:35 to 2007-09-18 14:51:35 (server clock)",
        "Microsoft\\MSLicensing\\Store\\LICENSE000",
        "client.token.past_validity",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!page.contains("--details"), "a ticket has no use for options: {page}");
}

#[test]
fn markdown_of_every_scenario_has_tables_and_text_only() {
    for scenario in forged::every().into_iter().filter(|it| !it.name.ends_with("damaged-log")) {
        let folder = super::scenario(scenario.name);
        let text = parsed(&markdown(folder.to_str().unwrap()));
        assert!(text.lines().count() > 5, "{}: {text}", scenario.name);
    }
}

#[test]
fn markup_in_names_stays_text() {
    for name in NAMES {
        let folder = Folder::new();
        let mut system = Tree::new("ROOT");
        system.root.at("Select").push(Value::dword("Current", 1));
        let computer = system.root.at(r"ControlSet001\Control\ComputerName\ComputerName");
        computer.push(Value::sz("ComputerName", name));
        let product = system.root.at(r"ControlSet001\Control\ProductOptions");
        product.push(Value::sz("ProductType", "ServerNT"));
        let servers = r"ControlSet001\Services\TermService\Parameters\LicenseServers";
        let servers = system.root.at(servers);
        servers.push(Value::multi_sz("SpecifiedLicenseServers", &[name]));
        folder.file("SYSTEM", &write(&system, &Options::default()).bytes);
        let text = parsed(&markdown(folder.path()));
        let shown = name.replace('\u{202E}', r"\u{202E}").replace('\n', r"\u{A}");
        // The title, and the license servers.
        assert!(text.matches(&shown).count() >= 2, "{shown} in {text}");
    }
}
