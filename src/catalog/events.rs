// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events and errors that can corroborate a report. Event logs hold the events, and no hive does.

use crate::catalog::term::terms;

terms! {
    /// Events of Windows event logs, then errors of clients.
    EVENTS
    Event "1004" also ["event 1004"]
        means "TermService or TerminalServices-RemoteConnectionManager on a session host: the host cannot issue a client license. Microsoft names these causes: a licensing mode that the license server has no CALs for, incompatible encryption levels, and a damaged certificate of the host. On Windows 2000 the text is \"Unable to acquire a license\", and the network can be the cause."
        not "The event does not name the cause, and not the client's copy of the token."
        see ["registration", "host.mode.not_configured", "client.token.signature_invalid", "1010"]
        source "[MS] cc775148; KB 274805, 329896, 2477176"
    Event "1008" also ["event 1008", "1088"]
        means "TermService on a session host: the grace period ended, and the host found no license server to register with. Windows 2000 names 90 days, Server 2003 names 120 days. KB 2477176 prints the number 1088 beside the same text."
        not "The event does not show when the grace period began or whether somebody changed its end."
        see ["grace period", "registration", "host.grace.ended", "1128"]
        source "[MS] KB 329896, 2477176; [BLOG] text with the number 1008"
    Event "1010" also ["event 1010"]
        means "TermService on a session host: the host found no license server. The text advises to check the name resolution, the network and the licensing service."
        not "The event does not show which license server the host asked. Settings that name no server, or a server that is off, lead to the same event."
        see ["license server", "host.servers.none", "host.servers.loopback_only"]
        source "[MS] KB 329896, 2477176; [INF] further causes"
    Event "1069" also ["event 1069"]
        means "TerminalServices-RemoteConnectionManager/Admin on a session host: the grace period ended, and no licensing mode is configured."
        not "The event does not show whether a license server is configured."
        see ["licensing mode", "grace period", "host.mode.not_configured"]
        source "[MS] ee891144"
    Event "1128" also ["event 1128", "50280", "event 50280"]
        means "TerminalServices-RemoteConnectionManager/Admin on a session host, Server 2008 R2 and later: the grace period ended, and the host is not registered with a license server that has licenses. Event logs can show the number 50280: 1128 with the upper bits 0xC000."
        not "The event does not show why no license server answered."
        see ["grace period", "registration", "host.registration.none", "1008"]
        source "[BLOG] text with the number 50280; [INF] 50280 is 1128 with upper bits"
    Event "1129" also ["event 1129", "50281", "event 50281"]
        means "TerminalServices-RemoteConnectionManager/Admin on a session host: the grace period is about to end. Microsoft documents such an event without its number. A public script that resets the grace period waits for the number 50281: 1129 with the upper bits 0xC000."
        not "The event does not show whether such a script ran."
        see ["grace period", "host.grace.task", "1128"]
        source "[MS] hh553157, event near the end; [CODE] number 50281; [INF] 50281 is 1129 with upper bits"
    Event "1130" also ["event 1130", "50282", "event 50282"]
        means "TerminalServices-RemoteConnectionManager/Admin on a session host: no license server is specified. Microsoft's management pack advises to specify a license server. Event logs can show the number 50282: 1130 with the upper bits 0xC000."
        not "A setting on the connection broker can specify a license server later."
        see ["host.servers.none", "connection broker"]
        source "[MS] management pack of Remote Desktop Services 2008 R2; [REAL] one event 50282; [INF] 50282 is 1130 with upper bits"
    Event "1131" also ["event 1131", "50283", "event 50283"]
        means "Number beside 1128, 1129 and 1130 in TerminalServices-RemoteConnectionManager/Admin. No published text with its meaning was found."
        not "The number alone shows nothing. Read the text of the event."
        see ["1128", "1130"]
        source "[INF] neighbor of documented numbers"
    Event "1024" also ["event 1024"]
        means "TerminalServices-RDPClient/Operational on a client: the Remote Desktop client tries to reach the named host."
        not "The event shows an attempt, and no session. It names no license server." see ["1102", "token"]
        source "[BLOG] port139.hatenablog.com"
    Event "1102" also ["event 1102"]
        means "TerminalServices-RDPClient/Operational on a client: the Remote Desktop client starts a further transport to the host with the named address."
        not "The event names no license server. In the log Security, 1102 means that the log was cleared." see ["1024"]
        source "[BLOG] port139.hatenablog.com; [MS] event-1102"
    Event "4624" also ["event 4624"]
        means "Security on a session host: a logon with account and source address. Logon type 10 is a remote interactive logon."
        not "A token does not lead to such an event, and such an event needs no token." see ["client_reported_user"]
        source "[MS] event-4624"
    Event "4657" also ["event 4657"]
        means "Security: a registry value was changed, with account, process, old and new value. Windows writes the event only if the key is audited."
        not "Without auditing, a missing event shows nothing." see ["4660", "host.grace_period", "last-written time"]
        source "[MS] event-4657"
    Event "4660" also ["event 4660"]
        means "Security: an object was deleted, for example a registry key, with account and process. Windows writes the event only if the object is audited."
        not "The event does not name the object: the event 4656 with the same handle does. Without auditing, a missing event shows nothing." see ["4657", "client.licensing.removed", "host.grace.recovered"]
        source "[MS] event-4660"
    ClientError "2056" also ["error 2056", "0x808", "disconnectReasonLicensingFailed"]
        means "The licensing exchange failed, and the Remote Desktop client ended the attempt. Microsoft's name of the code is disconnectReasonLicensingFailed. One documented cause on Vista and later: MSLicensing was deleted, and the user has no right to create the key again."
        not "The code does not show the cause. Damaged tokens, missing rights on the store and faults of the host lead to the same code."
        see ["license store", "client.store.not_writable", "client.licensing.removed", "client.token.undecodable", "2312"]
        source "[MS] IMsTscAxEvents::OnDisconnected; KB 187614; [INF] further causes"
    ClientError "2312" also ["error 2312", "0x908", "disconnectReasonLicensingTimeout"]
        means "The licensing exchange took too long, and the Remote Desktop client ended the attempt. Microsoft's name of the code is disconnectReasonLicensingTimeout."
        not "The code does not show which side did not answer."
        see ["2056", "1010"]
        source "[MS] IMsTscAxEvents::OnDisconnected"
}
