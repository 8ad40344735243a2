// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about clients and the tokens that they keep.

use super::page::{FORGED, Page, TOKENS, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    PAST_VALIDITY "client.token.past_validity" "Token past its validity" Info Documented TOKENS
        when "the end of a token's validity lies before the reference time of the host"
        shows "The validity that the licence server wrote into the token had ended at the reference time."
        not "It does not say what a session host would do: a token past its validity leads to an attempt to renew it, whose outcome depends on host and licence server. It says nothing of any session."
        innocent [
            "a device that was not used with a licensed session host since: tokens are renewed on use, within seven days of their end",
            "a reference time that is off: the clocks of machine and licence server may differ",
        ]
        reproduce "decode ClientLicense with `openssl pkcs7 -inform der -print_certs -text`; compare notAfter of the last certificate with the reference time"
        source "[MS] MS-RDPELE 3.2.5.3"
    NEAR_END "client.token.near_end" "Token near the end of its validity" Info Documented TOKENS
        when "the end of a token's validity lies within the seven days after the reference time of the host"
        shows "The token was in the time in which a client asks for its renewal, seen from the reference time."
        not "It does not show whether a renewal was asked for."
        innocent ["the ordinary course: every token comes into its last seven days"]
        reproduce "decode ClientLicense with `openssl pkcs7 -inform der -print_certs -text`; compare notAfter of the last certificate with the reference time"
        source "[MS] MS-RDPELE 3.2.5.3"
    TEMPORARY "client.token.temporary" "Temporary token" Info Documented TOKENS
        when "bit 0x80000000 of the token's ProductLicenseFlags is set"
        shows "The licence server marked the token as temporary. Microsoft documents that one is issued on a device's first licensing exchange, before sign-in."
        not "It does not show that anybody signed in, nor why no permanent token followed."
        innocent [
            "a device that was used with session hosts once: the permanent token is documented to come with a later exchange",
            "a licence server without free licences, or one that was not activated",
        ]
        reproduce "print the certificates with `openssl pkcs7 -inform der -print_certs`, put the last one in a file and show it with `openssl asn1parse`; in the bytes of the extension 1.3.6.1.4.1.311.18.5 the little-endian number of 16 bits at byte 24 is where the version record begins, and its flags are the little-endian number of 32 bits four bytes into that record"
        source "[MS] MS-RDPELE 2.2.2.9.1.1; KB 187614"
    HARDWARE_ID_DIFFERS "client.token.hardware_id_differs" "Hardware id in the token is another one" Info Inferred TOKENS
        when "the hardware id in a token's subject, without its mask, is not the ClientHWID of the same registry view; both are plausible"
        shows "Token and HardwareID key hold different hardware ids."
        not "It does not show which of them came first, nor that a token was copied. The mask is inferred: it was checked on licence servers of two generations, and others are unknown."
        innocent [
            "the hardware id was made anew after a repair that deleted the key",
            "a licence server of a generation that masks otherwise",
        ]
        reproduce "decode the serialNumber of the last certificate's subject (UTF-16BE text, which openssl shows with \\x00 before each letter) from base64, XOR it with d6170a792def158d7124582c088fb8eebe35798d, and compare with ClientHWID"
        source "[INF] mask derived from public code of WALLIX, matched on MS-RDPELE 4.5 and 4.6"
    NEWER_HARDWARE_ID "client.hardware_id.newer_than_token" "Hardware id written after the token" Info Inferred FORGED
        when "the key HardwareID was last written more than a day after the key of a stored token, and not within a day of an installation or upgrade of Windows"
        shows "The key with the hardware id was written when a token was stored already."
        not "It does not show that the hardware id changed: any write to the key gives it a new time."
        innocent [
            "the key was deleted and made anew in a repair",
            "an upgrade of Windows that left no trace in these hives wrote the keys anew",
            "permissions of the key were changed",
        ]
        reproduce "compare the last-written times of both keys in any registry viewer"
        source "[INF] own inference from last-written times"
    MACHINE_DIFFERS "client.token.machine_differs" "Token names another machine" Notice Observed TOKENS
        when "the client-reported machine of a token and the computer name in SYSTEM differ in their first 15 characters, case and characters outside ASCII aside"
        shows "The name that a client reported when the token was asked for is not the computer name in SYSTEM."
        not "It does not show on which machine the token was asked for: the name is text that the client supplies, and a renewal does not bring a new one."
        innocent [
            "the machine was renamed after the token was issued",
            "the machine was set up from an image that held the token",
            "client software that reports a name of its own",
        ]
        reproduce "compare CN of the last certificate's subject with Control\\ComputerName\\ComputerName"
        source "[MS] MS-RDPELE 2.2.2.2, 2.2.2.3"
    OTHER_CLIENT "client.token.other_client" "Hardware id of other client software" Info Inferred TOKENS
        when "the stored hardware id, or the one in a token, has the form that FreeRDP or that rdesktop and WALLIX write"
        shows "The hardware id has a form that public code of other client software makes, and that no sample of a client of Microsoft's has. For 0x04010000 the platform id alone decides; the hash is not verified."
        not "It does not show which program wrote it."
        innocent [
            "other client software in ordinary use; it sends fixed or computed ids",
            "a client of Microsoft's that follows the documented platform id: 0x04010000 is documented for Microsoft on NT 5.2 to 6.3",
        ]
        reproduce "look at the 20 bytes: 02000000 and a host name in ASCII, or 00000104 and a hash, or 00000000 and the MD5 of six zero bytes"
        source "[CODE] FreeRDP, rdesktop, WALLIX; against it [MS] MS-RDPELE 2.2.2.2"
    SIGNATURE_INVALID "client.token.signature_invalid" "Signature does not hold" Attention Observed TOKENS
        when "the signature of a certificate in a token is not what the key of its issuer, in the same token, made of its bytes"
        shows "Bytes of the certificate, its signature, or the issuer's key in the token are not those that were signed together."
        not "It does not show who changed what, nor when. A valid signature would not authenticate the issuer either, since the key lies in the same token."
        innocent [
            "damage of the hive or of its copy",
            "client software that stored something of its own",
        ]
        reproduce "split the certificates with `openssl pkcs7 -inform der -print_certs`; decrypt its signature with its issuer's key (`openssl pkeyutl -verifyrecover`) and compare with the SHA-1 of its signed part"
        source "[MS] MS-RDPELE 3.2.5.3"
    UNDECODABLE "client.token.undecodable" "Token that calhive could not read" Notice Observed TOKENS
        when "no certificate that is about a licence is found in the data of ClientLicense"
        shows "The data are no chain of certificates in any container that is known to calhive, or the part about the licence is not in them."
        not "It does not show what they are."
        innocent [
            "very old clients, whose form of the token is not published",
            "other client software, or data that were cut or damaged",
        ]
        reproduce "`openssl asn1parse -inform der` on the data of the value"
        source "[MS] MS-RDPELE 2.2.2.6.1"
    CONTRADICTS_INDEX "client.token.contradicts_index" "Token and the values beside it differ" Notice Observed TOKENS
        when "ProductVersion, ProductID or CompanyName beside a token is not what its certificate says, case aside"
        shows "The values that index the token name another version, product or company than the token."
        not "It does not show which of them is right, nor how they came together."
        innocent [
            "values that a script or an image wrote",
            "a licence server whose index is not as in the samples",
        ]
        reproduce "compare the values of the LICENSEnnn key with the extensions 1.3.6.1.4.1.311.18.2 and .5 of the last certificate, as `openssl asn1parse` shows them"
        source "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8; [INF] for the names of the values"
    CONTRADICTS_ITSELF "client.token.contradicts_itself" "Token contradicts itself" Notice Observed TOKENS
        when "two parts of a token's last certificate differ: the licence server in issuer and extension (case and domain suffix aside), the product's name and its version numbers, or the order of its times"
        shows "Two parts of one certificate say different things of the same."
        not "It does not show which of them is right. The certificate may be signed as it is."
        innocent ["a generation of licence servers that was not seen, and writes otherwise"]
        reproduce "show the last certificate with `openssl asn1parse` and compare the named parts"
        source "[INF] own comparison; [MS] MS-RDPELE 2.2.2.9 for the fields"
    SEVERAL_ISSUERS "client.tokens.several_issuers" "Tokens of several licence servers" Info Observed TOKENS
        when "the tokens of one host name more than one licence server as their issuer"
        shows "The stored tokens name issuers of different names; the store keeps the last token for each version."
        not "It does not show which session hosts were used, nor when each server was used first."
        innocent [
            "an organisation with several licence servers",
            "a device that is used with several organisations",
            "tokens of several product versions",
        ]
        reproduce "decode each ClientLicense and compare the issuers of the last certificates"
        source "[MS] MS-RDPELE 3.3.1.8, 3.3.5.6"
    SEVERAL_SCOPES "client.tokens.several_scopes" "Tokens of several scopes" Info Observed TOKENS
        when "the tokens of one host name more than one scope of their licence servers"
        shows "The stored tokens name different scopes (domains or workgroups) of their licence servers, or of one."
        not "It does not show that the device belonged to any of them."
        innocent [
            "trusted domains: licence server and session host may be in different ones",
            "one licence server whose domain or workgroup changed",
            "an image or a copied key that brought a token",
            "a device that is used with several organisations",
        ]
        reproduce "compare the scopes in the extension 1.3.6.1.4.1.311.18.6 of each ClientLicense, as `openssl asn1parse` shows them"
        source "[MS] MS-RDPELE 2.2.2.9.2; KB 2473823"
    GAP "client.store.gap" "Gap in the numbers of the store" Info Observed FORGED
        when "the store has a key LICENSEnnn, while a lower number is missing"
        shows "A number is missing among the keys of the store; its cause is unknown."
        not "It does not show that a key was removed."
        innocent [
            "the client chose the number in a way that is not documented",
            "a repair or script removed a key",
        ]
        reproduce "list the subkeys of MSLicensing\\Store in any registry viewer"
        source "[CODE] numbers of three digits; [INF] own inference"
}
