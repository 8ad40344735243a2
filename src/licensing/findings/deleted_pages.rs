// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about what was deleted and could be recovered.

use super::page::{FORGED, Page, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    TOKEN_REMOVED "client.token.removed" "Local token removed" Notice Inferred FORGED
        when "a stored licence was recovered from a free cell or slack, whole enough and with its whole path, no stored licence has the same bytes, and its key is not in the tree"
        shows "A token and its key lie where deleting leaves them, and are not in the tree: the client's copy of the token was removed. Deleting the keys below MSLicensing removes the client's copy (KB 315262, KB 187614)."
        not "It does not show who removed it, when, or why; the time of the key is that of its last change before. It does not show that the licence went elsewhere: the licence server's record of it is not touched by this."
        innocent [
            "the documented repair for a damaged token deletes the key",
            "a policy script or a cleaner that removes the keys",
            "an upgrade of Windows or a restore that wrote the hive anew",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset that the finding names; or read its bytes there"
        source "[MS] KB 315262; KB 187614"
    STRAY_TOKEN "client.token.stray" "Token outside the tree" Info Observed FORGED
        when "bytes of a token were recovered from a free cell or slack, no stored licence has the same bytes, and no whole path to a key that the tree lacks leads to them"
        shows "The bytes of a token lie in the hive outside its tree."
        not "It does not show whether the token was removed, or replaced by a newer one in the ordinary course, nor that it was this machine's: what led to it is lost in whole or in part."
        innocent [
            "a renewal or upgrade replaces the stored token, and its former bytes stay behind",
            "the documented repair for a damaged token deletes the key",
            "memory or disk space that Windows reused for this hive",
        ]
        reproduce "extract the bytes at the offset that the finding names, and decode them with `openssl pkcs7 -inform der -print_certs -text`"
        source "[MS] MS-RDPELE 3.3.5.6 (a new token replaces the old); KB 187614"
    KEYS_REMOVED "client.licensing.removed" "Licensing keys removed" Notice Inferred FORGED
        when "the key MSLicensing was recovered from a free cell or slack, whole enough and with its whole path, and the tree has none in that view"
        shows "The client's licensing key was in this hive and is not in its tree. Removing it removes the client's copies of licences, if there were any below it."
        not "It does not show who removed it, when, or why, nor that licences stood below it unless they were recovered too, nor that the device was used with session hosts: the key is made in every licensing exchange."
        innocent [
            "the documented repair deletes the key; without elevation the client cannot make it again",
            "a policy script or a cleaner that removes the key",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset that the finding names"
        source "[MS] KB 187614"
    CREATED_ANEW "client.licensing.created_anew" "Licensing keys removed and created anew" Notice Inferred FORGED
        when "a key HardwareID with a hardware id was recovered from a free cell or slack, whole enough and with its whole path, and the tree has one of the same path with another hardware id that was not written before it"
        shows "Two keys of one path with two hardware ids were in this hive: consistent with one that was removed and one that was created anew."
        not "It does not show who removed the first one, when, or why, nor that the one in the tree came second: that is inferred from the other lying in free space and from the times of both."
        innocent [
            "the documented repair: the key is deleted, and the client makes it again at the next licensing exchange",
            "a policy script or a cleaner that removes the keys at every start",
            "an earlier copy of the same key that Windows left behind when it was written elsewhere in the hive",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and compare the key at the offset that the finding names with the one in the tree"
        source "[MS] KB 187614; [INF] the order"
    BOTH_REMOVED "client.licensing.both_removed" "HardwareID and Store both removed" Notice Inferred FORGED
        when "the keys HardwareID and Store were both recovered from free cells or slack, whole enough and with their whole paths, the tree has neither, and it has MSLicensing"
        shows "The key with the client's hardware id and the one that its licences stand below were removed, and the key above them was not."
        not "It does not show who removed them, when, or why, nor what did: no product is named by this."
        innocent [
            "published repairs and cleaner scripts remove these two keys",
            "a policy that removes them",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for both keys at the offsets that the finding names"
        source "[MS] KB 187614; [CODE] public scripts"
    OTHER_MODE "host.mode.recovered" "Another licensing mode recovered" Info Observed FORGED
        when "a licensing mode was recovered from a free cell or slack, and the tree has another or none at that place; where its key is not known, at the place of the local setting; where the role of a session host is absent it is not raised"
        shows "The value lies in this hive outside its tree."
        not "It does not show that it was in effect, when, or for how long: policy may have overridden it. Where its key is not known, whether it was set by policy or locally is not shown either."
        innocent ["the mode was set in the ordinary course of set-up", "a policy that was withdrawn: its key is deleted"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset that the finding names"
        source "[INF] own inference from recovered values"
    OTHER_SERVERS "host.servers.recovered" "Other licence servers recovered" Info Observed FORGED
        when "licence servers were recovered from a free cell or slack, and the tree has others or none at that place; where the role of a session host is absent it is not raised"
        shows "The names lie in this hive outside its tree."
        not "It does not show whether the host ever asked these servers, nor how long they were set."
        innocent ["a licence server that was replaced", "a policy that was withdrawn: its key is deleted"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset that the finding names"
        source "[INF] own inference from recovered values"
    GRACE_RECOVERED "host.grace.recovered" "Deleted value or key of the grace period" Info Observed FORGED
        when "a value of the key GracePeriod, or the key, was recovered from a free cell or slack; where the role of a session host is absent it is not raised"
        shows "The value or key lies in this hive outside its tree."
        not "It does not show intent or unlicensed use, nor when it was removed."
        innocent [
            "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
            "upgrade, restore, and tools that set permissions",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for it at the offset that the finding names"
        source "[CODE] public repair scripts"
}
