// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about several hosts. Copies of one host's hives count once.

use super::page::{FORGED, Page, TOKENS, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    SAME_HARDWARE_ID "across.same_hardware_id" "One hardware id on several hosts" Notice Observed FORGED
        when "ClientHWID is the same on hosts of different computer names, and not of a form that other client software computes from a name"
        shows "The hosts hold one hardware id; that is consistent with a cloned image."
        not "It does not show which host had it first, nor that it was copied on purpose."
        innocent [
            "machines that were set up from one image in which the key was left",
            "a machine that was renamed, of which both states are in the evidence",
        ]
        reproduce "compare ClientHWID of the hosts in any registry viewer"
        source "[MS] MS-RDPELE 3.3.1.9; [INF] own inference"
    SAME_TOKEN "across.same_token" "One token on several hosts" Notice Observed TOKENS
        when "the last certificate of a token is the same, byte for byte, on hosts of different computer names"
        shows "The same token, byte for byte, stands in the hives of these hosts. One is a copy of the other, or both are copies of a third; whether that is one machine at two times is not shown."
        not "It does not show which host it was issued to, nor that a licence was given from one to the other: that is done by the Clearinghouse and the licence server."
        innocent [
            "machines that were set up from one image that held the token",
            "a registry key that was copied in a repair",
            "a machine that was renamed, of which both states are in the evidence",
        ]
        reproduce "compare the SHA-256 of ClientLicense of the hosts"
        source "[INF] own inference"
    SAME_LICENSE_SERVER "across.same_license_server" "One name of a licence server in tokens of several hosts" Info Observed TOKENS
        when "tokens of hosts of different computer names name one licence server as issuer"
        shows "Tokens on these hosts name issuers of one and the same name, compared as NetBIOS names."
        not "It does not show that it is one licence server: names recur. Compare the scope, the licence server's product id and the SHA-256 of its key. It does not show that the hosts used one session host or farm."
        innocent ["the ordinary case within one organisation"]
        reproduce "decode ClientLicense of each host and compare the issuers of the last certificates"
        source "[MS] MS-RDPELE 2.2.2.9.2"
    FARM_SERVERS_DIFFER "across.farm_servers_differ" "Licence servers differ within a farm" Notice Observed FORGED
        when "hosts that name one farm have different licence servers in effect, order, case and domain suffix aside"
        shows "Session hosts of one farm are set to ask different licence servers."
        not "It does not show which of them was used, nor what the connection broker sets."
        innocent [
            "a change that had not reached every host",
            "a farm that is spread over sites, with a licence server at each",
        ]
        reproduce "compare ClusterSettings and the licence servers of the hosts in any registry viewer"
        source "[CODE] path of ClusterSettings"
}
