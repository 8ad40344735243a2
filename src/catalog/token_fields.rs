// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fields of a token.

use crate::catalog::term::terms;

terms! {
    /// Fields of a token.
    TOKEN_FIELDS
    TokenField "client_reported_user" also ["user of a token", "user name"]
        means "L of the leaf's subject: the user name that the client software sent in a license request. FreeRDP sends a configured name, or the text username. Renewals and upgrades carry no name, so the name can be older than the start of the token."
        not "The name is no authenticated account, and does not show who used the device."
        see ["client_reported_machine", "token"]
        source "[MS] MS-RDPELE 2.2.2.2, 2.2.2.3, 3.2.1.8; [CODE] FreeRDP; [REAL] two tokens"
    TokenField "client_reported_machine" also ["machine of a token", "machine name"]
        means "CN of the leaf's subject: the machine name that the client software sent in a license request. calhive compares machine names as NetBIOS names: 15 characters, in any case."
        not "Another name than the computer name does not show a copied token: a renamed machine keeps its token."
        see ["client.token.machine_differs", "system.renamed"]
        source "[MS] MS-RDPELE 2.2.2.2, 3.2.1.8; [REAL] two tokens"
    TokenField "issuer" also ["issuing license server", "issuer_domain"]
        means "CN and L of the leaf's issuer: name of the license server, and its domain or workgroup. Extension 1.3.6.1.4.1.311.18.6 holds the computer name of the license server, and the issuer can hold the name typed at activation."
        not "The name is self-reported: the key that checks the signature is in the same token."
        see ["license server", "scope", "client.tokens.several_issuers"]
        source "[MS] MS-RDPELE 2.2.2.9; [REAL] two tokens, seven certificates"
    TokenField "scope" also ["license server scope"]
        means "Scope in extension 1.3.6.1.4.1.311.18.6: domain or workgroup of the license server."
        not "The scope is no evidence that the client is a member of this domain. License server and session host can be in different trusted domains."
        see ["issuer", "LicenseScope", "client.tokens.several_scopes"]
        source "[MS] MS-RDPELE 2.2.2.9; KB 2473823"
    TokenField "LicenseScope" also ["index scope"]
        means "Value beside a stored token, and part of the index of the store: microsoft.com in Microsoft's example. CompanyName, ProductID and ProductVersion are the other parts."
        not "The value does not name the license server's domain."
        see ["license store", "scope", "client.token.contradicts_index"]
        source "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8, 4.6; [BLOG] name of the value"
    TokenField "notBefore" also ["valid_from", "not_before", "issued"]
        means "Start of a token's validity: time of the last issue or renewal, by the clock of the license server."
        not "The time is neither the first nor the last connection. A self-signed certificate of a license server starts in 1970 and ends in 2049, which is no sign of alteration."
        see ["notAfter", "clock", "client.token.store_time_differs"]
        source "[MS] MS-RDPELE 3.2.5.3; [REAL] three certificates of license servers"
    TokenField "notAfter" also ["expires", "valid_until", "not_after"]
        means "End of a token's validity. A client requests a renewal in the last seven days."
        not "A token past its validity leads to a renewal attempt, whose result depends on the host and the license server."
        see ["notBefore", "reference time", "client.token.past_validity", "client.token.near_end"]
        source "[MS] MS-RDPELE 3.2.5.3"
    TokenField "ProductLicenseFlags" also ["flags of a token", "license flags"]
        means "32 bits in extension 1.3.6.1.4.1.311.18.5. 0x00008000: enforced. 0x00800000: the license server is a release, else a beta. 0x80000000: temporary, else permanent. Tokens show 0x80648000, 0x80d48000 and 0x00808000."
        not "The other bits have no published meaning."
        see ["temporary token", "permanent token"]
        source "[MS] MS-RDPELE 2.2.2.9.1.1; [REAL] three tokens"
    TokenField "product version" also ["ProductVersion", "generation", "requested_product"]
        means "Version of the CAL: major in the high word, minor in the low word. 5.0 is Windows 2000, 5.2 Server 2003, 6.0 Server 2008 and 2008 R2, 6.2 Server 2012 and 2012 R2, 10.1 Server 2019. Product names such as A02-6.00-S repeat the version. A newer CAL serves an older session host."
        not "The versions of Server 2016, 2022 and 2025 are not established."
        see ["CAL", "client.store"]
        source "[MS] MS-RDPELE 3.2.1.2, note 5; cannot-connect-rds-no-license-server; [REAL] 5.2 and 6.2; [CODE] 5.0 and 10.1"
    TokenField "signature" also ["signature of a token", "integrity"]
        means "RSA signature of the leaf by the license server's key in the same token. calhive reports valid, invalid or not checkable."
        not "A valid signature shows that the bytes are consistent, and does not authenticate the issuer."
        see ["issuer", "client.token.signature_invalid"]
        source "[MS] MS-RDPELE 3.2.5.3; [REAL] signatures of the token in MS-RDPELE 4.6"
    TokenField "leaf" also ["license certificate", "LICENSED_PRODUCT_INFO"]
        means "Certificate in a token that describes the license: the last certificate with the extension 1.3.6.1.4.1.311.18.5. This extension, LICENSED_PRODUCT_INFO, holds product, version, flags, platform and language."
        not "The language is the language of the license server, not of the client."
        see ["token", "ProductLicenseFlags"]
        source "[MS] MS-RDPELE 2.2.2.9.1; [REAL] two tokens"
    TokenField "license ID" also ["license_id", "serial number of a token"]
        means "Serial number of the leaf. Samples have five bytes and begin with 03. Serial numbers of host certificates begin with 01."
        not "Microsoft does not document the meaning of the bytes. Equal numbers of one license server on two machines show a copied token, not who copied."
        see ["across.same_token"]
        source "[REAL] two tokens; [INF] class of certificate"
}
