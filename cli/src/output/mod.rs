// SPDX-License-Identifier: GPL-3.0-or-later
//! Output formats, one per file.

pub(crate) mod answers_table;
mod block;
pub(crate) mod bodyfile;
pub(crate) mod canonical;
mod copies_table;
pub(crate) mod csv;
pub(crate) mod data;
pub(crate) mod dated_event;
pub(crate) mod diff_table;
pub(crate) mod facts;
pub(crate) mod findings_table;
pub(crate) mod form;
pub(crate) mod graph_table;
pub(crate) mod hidden;
pub(crate) mod host_facts;
pub(crate) mod host_table;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod jsonl;
pub(crate) mod left_out;
pub(crate) mod line;
pub(crate) mod margin;
pub(crate) mod markdown;
pub(crate) mod paint;
pub(crate) mod recovery;
pub(crate) mod report_index;
pub(crate) mod report_table;
pub(crate) mod screen_text;
pub(crate) mod security;
pub(crate) mod table;
pub(crate) mod timeline_table;
pub(crate) mod timesketch;
pub(crate) mod tln;
pub(crate) mod token_certificates;
pub(crate) mod token_table;
pub(crate) mod tree;
