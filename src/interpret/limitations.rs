// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`of`]: what the evidence cannot show, regardless of the findings.

use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::fact::{Facts, SecondReader};
use crate::report::Text;

/// Returns the limitations of a report on these sources.
pub(super) fn of(collected: &[Facts]) -> Vec<Text> {
    let mut limitations: Vec<&str> = Vec::from(LIMITATIONS);
    if collected.iter().any(|source| source.kind == HiveKind::UserClasses) {
        limitations.insert(2, VIRTUAL_STORE);
    } else {
        limitations.insert(2, NO_VIRTUAL_STORE);
    }
    if collected.iter().any(|source| source.kind == HiveKind::User) {
        limitations.push(PROFILES);
    }
    if collected.iter().any(|source| source.outside.is_none()) {
        limitations.push(NOT_SEARCHED);
    }
    if collected.iter().any(|source| matches!(source.second_reader, SecondReader::Asked)) {
        limitations.push(NOT_COVERED);
    }
    limitations.into_iter().map(Text::from).collect()
}

/// What SYSTEM and SOFTWARE hives cannot show, and what was not searched.
const LIMITATIONS: [&str; 10] = [
    "Whether enough licenses were bought cannot be determined from SYSTEM and SOFTWARE. The license server's \
     database records the issued licenses, and the directory records per-user use.",
    "Settings in effect are reported per the hives at hand. These hives do not hold deployment-wide settings \
     on a connection broker, or policy kept only in a Registry.pol file.",
    "The entry of each hive in this report says which transaction logs were applied. For each registry \
     place that calhive reads, the state before each applied log entry is compared with the state after it. A \
     change does not show who made the change, or why. The first comparison starts from the file as stored. The \
     file may already contain later data; its content is then not an earlier state.",
    "Deleted data can be recovered only until they are overwritten. If nothing was recovered, this is no \
     evidence that nothing was deleted. Recovered items are marked with their confidence. Their bytes alone do \
     not show who deleted the items, when, or why.",
    "A value at the policy path counts as policy. The hive does not show who wrote the value.",
    "Tags mark the sources: [MS] stated by Microsoft, [REAL] measured in real data, [CODE] public third-party \
     code, [BLOG] a web page only, [INF] inferred.",
    TOKENS,
    "No finding and no answer says what a person did. Tokens are judged at the reference time of each host, \
     never at the present time.",
    "Times are UTC. Key timestamps are by the clock of the machine, times in tokens by the clock of the license \
     server.",
    "Statements about session hosts and license servers were validated on forged hives only. Statements about \
     clients were validated on forged hives with forged tokens and one published token. The only known real \
     client key is from Windows XP and has an empty store. Statements about transaction logs were also \
     validated on real hives. Statements about keys, values and data outside the tree were validated on \
     forged hives.",
];

/// Limitation if no UsrClass.dat was read.
const NO_VIRTUAL_STORE: &str = "32-bit programs without a manifest may write keys to the VirtualStore in a user's \
    UsrClass.dat. These keys were not examined.";

/// Limitation if a UsrClass.dat was read.
const VIRTUAL_STORE: &str = "32-bit programs without a manifest may write keys to the VirtualStore in a user's \
    UsrClass.dat. Only the UsrClass.dat files at hand were examined.";

/// Limitation if an NTUSER.DAT was read.
const PROFILES: &str = "A name in the Remote Desktop client settings of a profile is no evidence of a connection, and \
    a user name there is no authenticated account. Deleted entries of profiles were not recovered.";

/// What tokens do not show.
const TOKENS: &str = if cfg!(feature = "token") {
    "Names of machines and users in tokens are text that the client software supplied. A valid signature \
     shows that a token is internally consistent. It does not authenticate the issuer, because the key that \
     checks the signature is in the same token. The hardware ID in a token is inferred. A token is not a \
     logon, and names no session host or farm. License server and session host may be in different trusted \
     domains (KB 2473823)."
} else {
    "This build of calhive cannot decode tokens. This report does not contain their issuer, machine, user and \
     validity."
};

/// Limitation if places outside the tree were not searched.
const NOT_SEARCHED: &str = "In some hives, only the places of the catalog in the tree were \
    read. Keys, values and data outside the tree, and deleted items, were not searched there.";

/// What the second reader does not cover.
const NOT_COVERED: &str = "The second reader reads name, type and data of values again, and confirms \
    absence by listing all names at that level. It does not cover timestamps, permissions, hidden, deleted or \
    carved data, replay, or decoding.";
