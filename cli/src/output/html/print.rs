// SPDX-License-Identifier: GPL-3.0-or-later
//! The margins of every printed page: case, exhibit, program, report id and page number.

use crate::output::html::page::Page;
use crate::output::html::prose::text;

/// Returns the style sheet with the margins.
pub(super) fn style(page: &Page<'_>) -> String {
    let given = |what: &str, value: &Option<String>| {
        let value = value.as_deref().unwrap_or("not given");
        quoted(&format!("{what}: {value}"))
    };
    let case = given("Case", &page.cover.case.case);
    let exhibit = given("Exhibit", &page.cover.case.evidence_id);
    let tool = quoted(&format!("{}, report id {}…", page.tool(), page.short_id()));
    format!(
        "@page{{@top-left{{content:{case}}}@top-right{{content:{exhibit}}}@bottom-left{{content:{tool}}}\
         @bottom-right{{content:\"Page \" counter(page) \" of \" counter(pages)}}}}"
    )
}

/// Returns a string of CSS. Every character but letters and digits is an escape.
fn quoted(shown: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text(shown).chars() {
        if letter.is_ascii_alphanumeric() {
            quoted.push(letter);
        } else {
            quoted.push_str(&format!("\\{:06x}", u32::from(letter)));
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_margin_cannot_leave_its_string() {
        // A blank after an escape would belong to the escape.
        assert_eq!(quoted("#A 1"), r#""\000023A\0000201""#);
        assert_eq!(quoted("\"}</style>"), r#""\000022\00007d\00003c\00002fstyle\00003e""#);
        assert_eq!(quoted("\n"), r#""\00005cu\00007bA\00007d""#);
        assert_eq!(quoted("ä"), r#""\0000e4""#);
    }
}
