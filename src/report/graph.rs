// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Graph`]: which license server issued to which host, and which host is set to ask which server.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Which license server issued to which host, which host asks which server, and which hosts belong together.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Graph {
    /// Machines, license servers, scopes and farms.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub nodes: Vec<Node>,
    /// Relations between nodes.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub edges: Vec<Edge>,
}

/// A node of the graph.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Node {
    /// Id of the node: `node-1` and so on.
    pub id: String,
    /// Kind of the node.
    pub kind: NodeKind,
    /// Name of the node, in the spelling that was found first. For a license server, its computer name.
    pub name: String,
    /// Other names of a license server, such as the name from its activation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub other_names: Vec<String>,
    /// Product IDs of a license server, from tokens and certificates.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub product_ids: Vec<String>,
    /// Keys of a license server, from tokens and certificates: SHA-256 of the modulus, in hex.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub keys: Vec<String>,
    /// Ids of the hosts that the node stands for, if their hives were given.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub hosts: Vec<String>,
}

/// Kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum NodeKind {
    /// A machine whose hives were given.
    Host,
    /// A license server.
    LicenseServer,
    /// Scope of a license server.
    Scope,
    /// A farm of session hosts.
    Farm,
}

/// A relation between two nodes.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Edge {
    /// Id of the node at the start.
    pub from: String,
    /// Id of the node at the end.
    pub to: String,
    /// Kind of the relation.
    pub kind: EdgeKind,
    /// What links both nodes. An equal product ID or key links a license server to its tokens and
    /// certificates, even if names differ.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub by: Vec<LinkedBy>,
    /// Ids of the facts and tokens behind the relation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub evidence: Vec<String>,
}

/// Kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum EdgeKind {
    /// The host holds a token that names the license server as its issuer.
    HoldsTokenOf,
    /// The host is set to ask the license server.
    IsSetToAsk,
    /// The host holds a certificate that names the license server as its issuer.
    HoldsCertificateOf,
    /// A token or certificate of the license server names the scope.
    NamesScope,
    /// The host names the farm as its own.
    BelongsTo,
}

/// What links two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum LinkedBy {
    /// Product ID of the license server (extension 311.18.6): documented.
    ProductId,
    /// Key of the license server: observed.
    Key,
    /// Name alone. Different machines can have the same name.
    Name,
}

impl fmt::Display for LinkedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProductId => "product ID",
            Self::Key => "key",
            Self::Name => "name",
        })
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HoldsTokenOf => "holds a token naming as its issuer",
            Self::IsSetToAsk => "is set to ask",
            Self::HoldsCertificateOf => "holds a certificate naming as its issuer",
            Self::NamesScope => "names",
            Self::BelongsTo => "names as its farm",
        })
    }
}
