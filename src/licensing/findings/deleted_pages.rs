// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about what was deleted and could be recovered.

use super::page::{FORGED, Page, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    TOKEN_REMOVED "client.token.removed" "Local token removed" Notice Observed FORGED
        when "a stored licence was recovered from what was deleted, no stored licence has the same bytes, and its key is not in the tree"
        shows "The client's copy of a token was removed: its bytes lie where nothing of the tree stands. Deleting the keys below MSLicensing removes the client's copy (KB 315262, KB 187614)."
        not "It does not show who removed it, when, or why; the time of the key is that of its last change before. It does not show that the licence went elsewhere: the licence server's record of it is not touched by this."
        innocent [
            "the documented repair for a damaged token deletes the key",
            "a policy script or a cleaner that removes the keys",
            "an upgrade of Windows or a restore that wrote the hive anew",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset that the finding names; or read its bytes there"
        source "[MS] KB 315262; KB 187614"
    STRAY_TOKEN "client.token.stray" "Token that no value leads to" Info Observed FORGED
        when "bytes of a token were found by their signature where nothing of the tree stands, no recovered value leads to them, and no stored licence has the same bytes"
        shows "The bytes of a token lie in the hive outside its tree."
        not "It does not show whether the token was removed, or replaced by a newer one in the ordinary course, nor that it was this machine's: what led to it is lost."
        innocent [
            "a renewal or upgrade replaces the stored token, and its former bytes stay behind",
            "the documented repair for a damaged token deletes the key",
            "memory or disk space that Windows reused for this hive",
        ]
        reproduce "extract the bytes at the offset that the finding names, and decode them with `openssl pkcs7 -inform der -print_certs -text`"
        source "[MS] MS-RDPELE 3.3.5.6 (a new token replaces the old); KB 187614"
    KEYS_REMOVED "client.licensing.removed" "Licensing keys removed" Notice Observed FORGED
        when "the key MSLicensing was recovered from what was deleted, and the tree has none in that view"
        shows "The client's licensing key was in this hive and is not in its tree: the client's copies were removed."
        not "It does not show who removed it, when, or why, nor that the device was used with session hosts: the key is made in every licensing exchange."
        innocent [
            "the documented repair deletes the key; without elevation the client cannot make it again",
            "a policy script or a cleaner that removes the key",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset that the finding names"
        source "[MS] KB 187614"
    CREATED_ANEW "client.licensing.created_anew" "Licensing keys removed and created anew" Notice Inferred FORGED
        when "MSLicensing, HardwareID or Store was recovered from what was deleted, and the tree has a key of the same path that differs from it"
        shows "Two keys of one path were in this hive, one after the other; the hardware ids of both are given as far as they are there."
        not "It does not show who removed the first one, when, or why. That the one in the tree came later follows from the other being deleted; it is inferred."
        innocent [
            "the documented repair: the key is deleted, and the client makes it again at the next licensing exchange",
            "a policy script or a cleaner that removes the keys at every start",
            "an earlier copy of the same key that Windows left behind when it was written elsewhere in the hive",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and compare the key at the offset that the finding names with the one in the tree"
        source "[MS] KB 187614; [INF] the order"
    BOTH_REMOVED "client.licensing.both_removed" "HardwareID and Store both removed" Notice Observed FORGED
        when "the keys HardwareID and Store were both recovered from what was deleted, the tree has neither, and it has MSLicensing"
        shows "The client's hardware id and its copies of licences were removed, and the key above them was not."
        not "It does not show who removed them, when, or why, nor what did: no product is named by this."
        innocent [
            "published repairs and cleaner scripts remove these two keys",
            "a policy that removes them",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for both keys at the offsets that the finding names"
        source "[MS] KB 187614; [CODE] public scripts"
    EARLIER_MODE "host.mode.earlier" "Earlier licensing mode" Info Observed FORGED
        when "a licensing mode was recovered from what was deleted, and the tree has no such mode at that place; where the role of a session host is absent it is not raised"
        shows "The mode stood in this hive and is not in its tree."
        not "It does not show how long it was in effect, nor that it was: policy may have overridden it."
        innocent ["the mode was set in the ordinary course of set-up", "a policy that was withdrawn: its key is deleted"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset that the finding names"
        source "[INF] own inference from recovered values"
    EARLIER_SERVERS "host.servers.earlier" "Earlier licence servers" Info Observed FORGED
        when "licence servers were recovered from what was deleted, and the tree does not have them at that place; where the role of a session host is absent it is not raised"
        shows "The names stood in this hive and are not in its tree."
        not "It does not show whether the host ever asked these servers, nor how long they were set."
        innocent ["a licence server that was replaced", "a policy that was withdrawn: its key is deleted"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset that the finding names"
        source "[INF] own inference from recovered values"
    GRACE_RECOVERED "host.grace.recovered" "Deleted value or key of the grace period" Info Observed FORGED
        when "a value of the key GracePeriod, or the key, was recovered from what was deleted; where the role of a session host is absent it is not raised"
        shows "The value or key was in this hive, and what was recovered is not what the tree has."
        not "It does not show intent or unlicensed use, nor when it was removed."
        innocent [
            "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
            "upgrade, restore, and tools that set permissions",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for it at the offset that the finding names"
        source "[CODE] public repair scripts"
}
