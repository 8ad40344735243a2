// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that calhive offers, called on any bytes: the reader, then licensing. The fuzz target
//! `hive` calls the same function.

#[path = "../../regf/tests/hostile/everything.rs"]
mod reader;

use calhive::Hive;
use calhive::fact::Source;
use calhive::token::TokenSignatures;

pub(crate) use reader::Outcome;

/// Reads everything that these bytes hold, then collects and interprets facts, then searches for
/// tokens. `done` is called after each step that a user may ask for.
pub(crate) fn everything(bytes: &[u8], done: &mut dyn FnMut(&'static str)) -> Outcome {
    let mut out = reader::everything(bytes, done);
    let Ok(hive) = Hive::parse(bytes) else { return out };
    let facts = calhive::collect(&Source::new(hive, "HIVE"), Default::default());
    let report = calhive::interpret(&[facts], None);
    out.add(report.facts.len());
    done("licensing");
    tokens(hive, &mut out);
    done("tokens");
    out
}

/// Decodes every token that no value leads to.
fn tokens(hive: Hive<'_>, out: &mut Outcome) {
    hive.recover().unclaimed(&TokenSignatures::new(), |token| {
        out.add(token.size);
        #[cfg(feature = "token")]
        out.add(calhive::token::Token::parse(token.bytes.as_slice()).is_ok());
    });
}
