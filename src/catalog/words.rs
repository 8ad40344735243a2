// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of Remote Desktop licensing and of reports.

use crate::catalog::term::terms;

terms! {
    /// Words of licensing, then words of reports.
    WORDS
    Word "token" also ["license token", "stored license", "ClientLicense"]
        means "A license as a client stores it: a certificate about the license, with the certificates of its issuers. The value ClientLicense of a key LICENSEnnn holds one token, and the token is not encrypted. A license server issues the token, and a session host relays the exchange. A client renews a token on use, within seven days of its end."
        not "A token is not a logon, and names no session host and no farm. Its start dates the last issue or renewal, never the first or last connection."
        see ["CAL", "temporary token", "permanent token", "license store", "client.store", "client.token.past_validity"]
        source "[MS] MS-RDPELE 2.2.2.6.1, 3.2.5.3; [REAL] two tokens; [INF] no field names a session host"
    Word "CAL" also ["client access license", "RDS CAL", "TS CAL"]
        means "Client access license: the right of one device or one user to use session hosts. A license server issues licenses per device as tokens. The directory holds the use of licenses per user."
        not "SYSTEM and SOFTWARE do not show how many licenses were bought or issued. The counts are in the license server's database and in the directory."
        see ["token", "per device", "per user", "license server"]
        source "[MS] rds-client-access-license; KB 187614"
    Word "temporary token" also ["temporary license", "temporary CAL"]
        means "A token whose ProductLicenseFlags include the bit 0x80000000. A device receives one temporary token, in its first licensing exchange and before sign-in. The validity is 90 days (NT 4.0 Terminal Server Edition: 60 days)."
        not "A temporary token does not show that anyone signed in, or why no permanent token followed."
        see ["permanent token", "ProductLicenseFlags", "client.token.temporary"]
        source "[MS] MS-RDPELE 2.2.2.9.1.1; rds-client-access-license; KB 187614, 187629, 813052"
    Word "permanent token" also ["permanent license", "permanent CAL", "full token"]
        means "A token whose ProductLicenseFlags lack the bit 0x80000000. Microsoft documents a validity of 52 to 89 days, chosen at random, and a renewal in the last seven days. One real token is valid for 208 days. Microsoft documents an earlier exchange with a completed sign-in."
        not "The token does not show who used the device. The length of the validity does not show the kind of token."
        see ["temporary token", "ProductLicenseFlags", "notAfter"]
        source "[MS] MS-RDPELE 2.2.2.9.1.1, 3.2.5.3; rds-client-access-license; KB 187614; [REAL] one token"
    Word "license store" also ["store", "MSLicensing", "LICENSEnnn"]
        means "The key Microsoft\\MSLicensing\\Store in SOFTWARE of a client. Each subkey LICENSEnnn holds one token. Version, scope, company and product index the store, and a new token replaces the token of the same index. 32-bit programs on 64-bit Windows use the same key below Wow6432Node."
        not "An empty store does not show that a device never used a session host. Licensing per user, administrative sessions and hosts on client editions leave no token. A gap in the numbers has many causes."
        see ["token", "LicenseScope", "client.store", "client.store.gap", "client.store.not_writable"]
        source "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8, 3.3.5.6; KB 187614; [CODE] Wow6432Node; [INF] sessions without a token"
    Word "hardware ID" also ["HWID", "CLIENT_HARDWARE_ID"]
        means "20 bytes that identify a client to license servers: a platform ID and four numbers. The client creates the hardware ID once and keeps the ID in the value ClientHWID. A license server indexes its database by the hardware ID. Each token holds the hardware ID of its client under a constant mask."
        not "A hardware ID alone shows no session, because every target of a connection starts the licensing exchange. No published text names the mask."
        see ["platform ID", "client.hardware_id", "client.token.hardware_id_differs", "across.same_hardware_id"]
        source "[MS] MS-RDPELE 1.3.3, 2.2.2.3.1, 3.3.1.9; [INF] mask of the token, consistent on ten license servers"
    Word "platform ID" also ["PlatformId", "client platform ID"]
        means "The first number of a hardware ID. Microsoft documents three parts: operating system, vendor of the client, and build. Stored hardware IDs do not follow this form: 0x00000002 is normal for Microsoft's clients. FreeRDP uses 0x04010000 or 0."
        not "A platform ID suggests a client program, and does not prove one."
        see ["hardware ID", "client.token.other_client"]
        source "[MS] MS-RDPELE 2.2.2.2, 4.5; [REAL] three hardware IDs; [CODE] FreeRDP, rdesktop"
    Word "license server" also ["RD Licensing", "Remote Desktop license server", "TermServLicensing", "TS Licensing"]
        means "Server that issues licenses to clients. Its certificates carry the name that the server reports for itself. The service TermServLicensing runs on a license server. The database TLSLic.edb in System32\\LServer holds the issued licenses per device."
        not "The registry of a license server does not list the issued licenses. A key IssuedLicenses is not known: this is the name of a WMI property."
        see ["Clearinghouse", "issuer", "scope", "license_server.service", "license_server.service.disabled"]
        source "[MS] MS-RDPELE 2.2.2.9; WMI licensing classes; [BLOG] name of the database"
    Word "session host" also ["RD Session Host", "RDSH", "terminal server", "application server"]
        means "Windows server that runs the sessions: RD Session Host, formerly Terminal Server. A session host relays the licensing exchange between its clients and a license server. The value InstallState of RDS-RD-Server shows the role on Server 2012 and later: 0 is no role."
        not "Remote Desktop for administration needs no such role, and uses no CAL."
        see ["licensing mode", "grace period", "registration", "system.role.session_host", "host.role.contradicted"]
        source "[MS] MS-RDPELE 1.3.3; Azure Virtual Desktop documentation; KB 2477176"
    Word "Clearinghouse" also ["Microsoft Clearinghouse", "activation"]
        means "Microsoft's service that activates license servers and issues CALs to them. The Clearinghouse gives an activated license server a certificate. The name in that certificate is the name typed at activation. A move of CALs is a reissue by the Clearinghouse."
        not "A missing copy on a client does not show such a move."
        see ["license server", "SPK"]
        source "[MS] MS-RDPELE 2.2.2.9; KB 315262; [REAL] seven certificates"
    Word "SPK" also ["TLSERVER_SPK_OID", "license_server_spk"]
        means "Text of 35 characters in extension 1.3.6.1.4.1.311.18.8 of the certificate of an activated license server. Microsoft's name of the extension is TLSERVER_SPK_OID."
        not "A missing text does not show that a license server was not activated: one sample has the text."
        see ["Clearinghouse", "license server"]
        source "[MS] list of identifiers in CAPICOM; [REAL] one certificate"
    Word "licensing mode" also ["RDS licensing mode", "licensing type"]
        means "Kind of CAL that a session host requests: 2 is Per Device, 4 is Per User, 5 is not configured. 1 is Remote Desktop for administration, and is normal on client editions. 6 is AAD Per User, in newer policy templates. 0 in PolicyAcOn of Server 2003 is invalid. Group Policy overrides the setting in RCM\\Licensing Core."
        not "In effect means: according to these hives. A setting of the whole deployment on the connection broker is not in them. The WMI property PossibleLicensingTypes uses other numbers."
        see ["per device", "per user", "host.policy.licensing_mode", "host.rcm.licensing_mode", "host.mode.not_configured", "host.mode.policy_differs"]
        source "[MS] TerminalServer.admx; remote-desktop-licensing-mode-not-configured-warning; KB 834651; [REAL] number 1 in four hives of client editions"
    Word "per device" also ["Per Device CAL", "device CAL"]
        means "Licensing mode 2: each client device needs a CAL and stores a token. The product name of a request is A02."
        not "A token per device does not name a person: the user name in a token is reported by the client software."
        see ["licensing mode", "token", "client_reported_user"]
        source "[MS] TerminalServer.admx; rds-client-access-license; MS-RDPELE 2.2.2.9.1"
    Word "per user" also ["Per User CAL", "user CAL"]
        means "Licensing mode 4: each user account needs a CAL. The directory records the use in attributes msTS*, for 60 days. No value in the registry of the client records the use. Microsoft does not permit licenses per user on servers in a workgroup."
        not "A client without a token does not show that no license per user was used."
        see ["licensing mode", "host.mode.per_user_workgroup", "host.mode.per_user_membership_unknown"]
        source "[MS] rds-client-access-license; rds-license-session-hosts; KB 2833839"
    Word "grace period" also ["licensing grace period", "L$RTMTIMEBOMB", "time bomb"]
        means "First months of a session host, in which the host accepts clients without CALs: 120 days since Server 2003, 90 days on Windows 2000. The period ends by expiry, by a permanent CAL, or by a discovered license server. A value of the key RCM\\GracePeriod holds the end of the period, encrypted by the Data Protection API."
        not "SYSTEM and SOFTWARE alone do not open the encrypted value. No trace proves a reset: upgrades, restores and edits of permissions leave the same traces."
        see ["host.grace_period", "host.grace_period_ended", "host.grace.value_form", "host.grace.recovered", "1128", "1129"]
        source "[MS] hh553157; KB 813052; [CODE] TSTool; [REAL] one secret of Windows XP"
    Word "registration" also ["registered with", "host certificate"]
        means "Report word for the certificates that a session host keeps from a license server. A host receives an X.509 chain only from a license server. The value X509 Certificate therefore names the license server that gave the certificates."
        not "A missing value does not show a missing registration: removed values return at the next sign-in."
        see ["session host", "host.x509_certificate", "host.registration.none"]
        source "[MS] MS-RDPELE 3.2.1.3; KB 329896; [INF] registration; [BLOG] return of removed values"
    Word "listener" also ["RDP-Tcp", "WinStation"]
        means "Part of a session host that accepts connections: the key WinStations\\RDP-Tcp. Its values set port, security layer, network level authentication and encryption, and turn the listener off."
        not "Values of one listener do not describe further listeners."
        see ["host.listener", "host.listener.enabled", "host.listener.security_layer"]
        source "[REAL] client hives; [MS] SecurityLayer"
    Word "drain" also ["drain mode", "TSServerDrainMode"]
        means "State of a session host that accepts no new sessions. TSServerDrainMode 1 turns the state on."
        not "The value does not show since when a host drains, only when its key was last written."
        see ["host.drain_mode", "host.drain"]
        source "[CODE] value; [MS] meaning of drain"
    Word "connection broker" also ["RD Connection Broker", "session broker", "farm"]
        means "Server that distributes clients over the session hosts of a farm. The settings of a deployment can lie on the connection broker."
        not "The registry place of the central licensing setting on a connection broker is not known."
        see ["host.broker", "system.broker", "system.farm", "across.farm_servers_differ"]
        source "[MS] TerminalServer.admx; [CODE] ClusterSettings"
    Word "control set" also ["ControlSet001", "CurrentControlSet", "LastKnownGood"]
        means "One set of settings in SYSTEM. The value Select\\Current names the control set in use, and LastKnownGood the set of the last good start. calhive reads every control set."
        not "Another control set shows an earlier or later state of a setting, and not when the setting changed."
        see ["system.select.current", "system.select.last_known_good", "host.control_sets.differ"]
        source "[REAL] SYSTEM hives of NT 4.0 to Windows 11"
    Word "last-written time" also ["last written", "key_last_written", "timestamp"]
        means "Time in each key: the last time at which Windows wrote the key, its list of values or its list of subkeys. The clock is the clock of the machine."
        not "The time does not show which value changed, who wrote the key, or why."
        see ["reference time", "clock"]
        source "[REAL] every hive; [INF] meaning of each time"
    Word "reference time" also ["judged at"]
        means "Time at which calhive judges the validity of tokens: the time of the option --reference-time, else the newest plausible last-written time of the host. Reports show the range of plausible times. calhive never uses the present time."
        not "The clocks of the machine and of the license server can differ."
        see ["clock", "client.token.past_validity", "client.token.near_end"]
        source "calhive"
    Word "clock" also ["machine clock", "server clock"]
        means "Clock that a time is from. Times of keys are from the clock of the machine. Start and end of a token are from the clock of the license server."
        not "No value in these hives shows the difference between the two clocks."
        see ["reference time", "notBefore"]
        source "calhive; [MS] MS-RDPELE 3.2.5.3"
    Word "origin" also ["live", "replayed", "hidden", "recovered", "carved"]
        means "State of the bytes behind a fact. Live: in the tree of the hive file. Replayed: written by a transaction log. Hidden: in the hive, but Windows would not show the bytes. Recovered: in a place that the tree does not use. Carved: in raw bytes without a hive. reg export: in a .reg file."
        not "Recovered bytes do not show who removed what, when or why. Damage can also cut bytes off from the tree."
        see ["client.token.removed", "client.token.stray", "hive.outside_tree"]
        source "calhive"
    Word "severity" also ["info", "notice", "attention"]
        means "How much a finding deserves a look: info, notice or attention. If the role of a host is unknown, every finding about the host has the severity info."
        not "Severity never states guilt."
        see ["certainty"]
        source "calhive"
    Word "certainty" also ["observed", "documented", "inferred", "not determinable"]
        means "How well a statement is supported. Observed: the bytes show the statement. Documented: a published text gives the meaning. Inferred: a conclusion from other facts. Not determinable: these hives cannot show the answer."
        not ""
        see ["severity"]
        source "calhive"
    Word "in effect" also ["effective", "effective setting"]
        means "Setting that decides, according to these hives: the policy, else the local setting in the control set in use. Reports show the deciding key, its last-written time and the settings that the deciding one overrides."
        not "A setting on the connection broker, or in a file Registry.pol that Windows has not applied, is not in these hives."
        see ["licensing mode", "control set", "host.servers.policy_differs"]
        source "[MS] remote-desktop-licensing-mode-not-configured-warning; TerminalServer.admx"
    Word "second reader" also ["nt-hive"]
        means "The independent program nt-hive, which reads name, type and data of each fact again. The result is agreed, differs, or not readable."
        not "The second reader does not confirm timestamps, permissions, deleted or carved data, replay, and decoding."
        see ["second_reader.differs"]
        source "calhive"
}
