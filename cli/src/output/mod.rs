// SPDX-License-Identifier: GPL-3.0-or-later
//! How things are shown: one format a file. Everything is written to the writer that is given.

pub(crate) mod answers_table;
pub(crate) mod canonical;
pub(crate) mod data;
pub(crate) mod escape;
pub(crate) mod fact_lines;
pub(crate) mod facts;
pub(crate) mod findings_table;
pub(crate) mod graph_table;
pub(crate) mod hex;
pub(crate) mod hidden;
pub(crate) mod host_table;
pub(crate) mod json;
pub(crate) mod jsonl;
pub(crate) mod recovered;
pub(crate) mod report_table;
pub(crate) mod security;
pub(crate) mod table;
pub(crate) mod timeline_table;
pub(crate) mod token_certificates;
pub(crate) mod token_table;
pub(crate) mod tree;
pub(crate) mod wrap;
