// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about session hosts. They are raised where the role is present, or unknown, and
//! not where it is absent, unless a page says otherwise.

use super::page::{FORGED, Page, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    MODE_NOT_CONFIGURED "host.mode.not_configured" "Licensing mode not configured" Notice Documented FORGED
        when "the licensing mode in effect, per the hives at hand, is 5, or no place that counts sets one, and both hives are at hand"
        shows "Per the hives at hand no licensing mode is set. That matters only if this machine is a session host; see its role."
        not "It does not show that sessions took place without a licence. Settings for a whole deployment on a connection broker, and policy in a Registry.pol file, are not in these hives."
        innocent [
            "a host within its grace period, or one whose set-up was not finished",
            "a mode that the deployment's broker sets",
        ]
        reproduce "read LicensingMode in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services and in SYSTEM\\ControlSet00n (n: Select\\Current), Control\\Terminal Server\\RCM\\Licensing Core, in any registry viewer"
        source "[MS] remote-desktop-licensing-mode-not-configured-warning"
    MODE_INVALID "host.mode.invalid" "Licensing mode without a meaning" Notice Documented FORGED
        when "the value that decides the licensing mode holds a number that is no mode of a session host, or is no number"
        shows "The value in effect is none that Microsoft's texts give for the licensing mode of a session host in the registry."
        not "It does not show what Windows makes of it."
        innocent [
            "KB 834651 describes a fault of Server 2003 that writes 0",
            "a script that confuses the registry's numbers with those of WMI",
        ]
        reproduce "read the value that the finding names in any registry viewer"
        source "[MS] TerminalServer.admx; KB 834651"
    MODE_DIFFERS "host.mode.policy_differs" "Policy and local licensing mode differ" Info Documented FORGED
        when "LicensingMode at the policy path and the local setting hold different numbers, the local one being other than 5 (not configured)"
        shows "The value at the policy path differs from the local one; policy is documented to win."
        not "It does not show who set either of them, nor when each took effect."
        innocent ["policy is meant to override what was set at installation"]
        reproduce "compare both values in any registry viewer"
        source "[MS] remote-desktop-licensing-mode-not-configured-warning"
    SERVERS_DIFFER "host.servers.policy_differs" "Policy and local licence servers differ" Info Documented FORGED
        when "the policy and the local settings name different licence servers, order, case and domain suffix aside"
        shows "The policy names other licence servers than the local settings; policy is documented to win."
        not "It does not show which licence server issued anything."
        innocent ["policy is meant to override what was set at installation"]
        reproduce "compare LicenseServers in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services with SpecifiedLicenseServers in any registry viewer"
        source "[MS] TerminalServer.admx"
    MEMBERSHIP_UNKNOWN "host.mode.per_user_membership_unknown" "Per user, membership unknown" Info Inferred FORGED
        when "the licensing mode in effect is 4 (Per User), and the hives hold no evidence of membership in a domain or of a join to Microsoft Entra"
        shows "Licences per user are kept in a directory, and these hives do not show that the host belonged to one."
        not "It does not show that the host was in a workgroup: a DNS suffix is no evidence either way."
        innocent [
            "a member of a domain whose policy state is not in these hives",
            "a workgroup host on which the mode was set without effect or for a test",
        ]
        reproduce "look for Distinguished-Name below Group Policy\\State\\Machine and for CloudDomainJoin\\JoinInfo"
        source "[MS] cannot-connect-rds-no-license-server: not permitted for servers of a workgroup; [INF] what shows membership"
    NO_SERVERS "host.servers.none" "No licence server named" Notice Documented FORGED
        when "no place that counts names a licence server, and both hives are at hand"
        shows "Per the hives at hand no licence server is named. That matters only if this machine is a session host; see its role."
        not "It does not show that none was used: older versions look for one by themselves, and Microsoft's texts on later ones conflict. Settings for a whole deployment on a connection broker, and policy in a Registry.pol file, are not in these hives."
        innocent [
            "automatic discovery, or a server that the deployment's broker sets",
            "a host within its grace period",
        ]
        reproduce "read LicenseServers in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services, and in SYSTEM\\ControlSet00n (n: Select\\Current) the keys below Services\\TermService\\Parameters, in any registry viewer"
        source "[MS] TerminalServer.admx; KB 2473823"
    LOOPBACK_ONLY "host.servers.loopback_only" "Only the host itself named by loopback" Info Inferred FORGED
        when "every licence server in effect is named localhost or by a loopback address"
        shows "The host is set to ask itself for licences, by a name that is the same on every machine."
        not "It does not show whether a licence server runs on the host."
        innocent ["a host that is its own licence server", "a template or script for single machines"]
        reproduce "read the licence-server value that is named under Observed in any registry viewer"
        source "[INF] own inference from the names"
    UNUSUAL_PLACE "host.setting.unusual_place" "Setting at an unusual place" Info Inferred FORGED
        when "a licensing setting, or its key, stands below Control\\Terminal Server\\Licensing Core where only third-party scripts are known to put it, below Control\\TerminalServer (a path that KB 834651 prints, taken for a misprint), or in a Wow6432Node copy of a key that both views share"
        shows "A setting, or a key for one, stands where Windows is not known to look for it."
        not "It does not show what wrote it, nor whether it has an effect."
        innocent [
            "scripts and guides that give a wrong path; KB 834651 itself prints one",
            "a program that writes policies into both views",
        ]
        reproduce "read the value that the finding names in any registry viewer"
        source "[CODE] third-party scripts; [MS] KB 834651 for the path that it prints; [INF] which keys are shared"
    WARNINGS_SUPPRESSED "host.warnings.suppressed" "Licensing warnings suppressed by policy" Info Documented FORGED
        when "fDisableTerminalServerTooltip at the policy path is 1"
        shows "A policy keeps messages about licensing problems from being shown to administrators."
        not "It does not show that there was a problem."
        innocent ["an administrator who did not want the messages shown"]
        reproduce "read fDisableTerminalServerTooltip in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
    GRACE_VALUE_FORM "host.grace.value_form" "Grace period's value of another form" Info Inferred FORGED
        when "a value of the key GracePeriod has another type than REG_BINARY, is no blob of the Data Protection API, or has a name that is not known"
        shows "The value is not of the form that public code gives for it."
        not "It does not show intent or unlicensed use. No real sample of the value was found in public."
        innocent [
            "deleting or overwriting the value is a long-published fix on licensed Windows Server 2012 hosts",
            "upgrades and restores",
            "a version of Windows that writes it otherwise",
        ]
        reproduce "read the values of SYSTEM\\ControlSet00n (n: Select\\Current), Control\\Terminal Server\\RCM\\GracePeriod, in any registry viewer"
        source "[CODE] TSTool"
    GRACE_PERMISSIONS "host.grace.permissions" "Owner or permissions of the grace period's key" Info Inferred FORGED
        when "the key GracePeriod is owned by someone else than SYSTEM or a service account of Windows, or an entry of its access control list allows somebody else than those to write it"
        shows "Owner or entries of the key name others than services of Windows with rights to write it; entries that deny are not weighed."
        not "It does not show intent or unlicensed use, nor that anything was written. There is no reliable sample of the default."
        innocent [
            "published repairs take ownership of the key",
            "upgrade, restore, and tools that set permissions",
            "a default of this version that is not known",
        ]
        reproduce "show the permissions of Control\\Terminal Server\\RCM\\GracePeriod in a registry viewer that reads security descriptors"
        source "[CODE] public repair scripts; [INF] what is unusual"
    GRACE_ENDED "host.grace.ended" "Mark that the grace period ended" Info Documented FORGED
        when "LicensingGracePeriodEnded stands in TermService\\Parameters"
        shows "Windows is documented to make this value once a permanent licence was received for the host's clients."
        not "It does not show when that was, nor who received it."
        innocent ["the ordinary course on a licensed host"]
        reproduce "read the values of TermService\\Parameters in any registry viewer"
        source "[MS] hh553157"
    NO_REGISTRATION "host.registration.none" "No certificate of a licence server" Info Inferred FORGED
        when "no X509 Certificate stands at any place where a host keeps what a licence server gave it, and SYSTEM is at hand"
        shows "No registration with a licence server is seen in the hives at hand."
        not "It does not show that the host never asked one: the certificates can be removed, which is a published repair."
        innocent [
            "a host in its grace period",
            "the published repair that deletes the certificates, before the service made them anew",
        ]
        reproduce "look for X509 Certificate and X509 Certificate2 in SYSTEM\\ControlSet00n (n: Select\\Current), below Control\\Terminal Server\\RCM and Services\\TermService\\Parameters"
        source "[CODE], [INF] what the absence says; [MS] MS-RDPELE 3.2.1.3"
    MULTI_SESSION "host.mode.multi_session" "Licensing mode set on multi-session Windows" Info Inferred FORGED
        when "the edition is multi-session Windows, and LicensingMode stands at the policy path"
        shows "The policy sets a mode on an edition that needs no RDS CAL; the setting is a known cause of licensing faults there."
        not "It does not show that licences were used or missing."
        innocent [
            "a policy for servers that was applied to all machines",
            "value 6 (AAD Per User), which public code reports as harmless on multi-session Windows",
        ]
        reproduce "read EditionID, and LicensingMode in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services, in any registry viewer"
        source "[CODE], [INF] own inference"
    CONCURRENT "host.sessions.concurrent" "Another service library, or a concurrent-session setting" Notice Inferred FORGED
        when "ServiceDll of the Remote Desktop service is not termsrv.dll in System32, or EnableConcurrentSessions below Control\\Terminal Server\\Licensing Core is 1; on any edition"
        shows "The service is set to load another library than Windows' own, or a setting stands there that is known only from third-party scripts."
        not "It does not show that concurrent sessions took place, nor what the library does. Only name and folder are compared: a changed file of that name is not seen."
        innocent [
            "software that wraps the service for monitoring or remote support",
            "a left-over of an experiment",
        ]
        reproduce "read ServiceDll in TermService\\Parameters; hash the file that it names"
        source "[CODE] public scripts and wrappers"
    CONTROL_SETS_DIFFER "host.control_sets.differ" "Licensing settings differ between control sets" Info Observed FORGED
        when "a place of a session host's or licence server's settings holds different data in different control sets"
        shows "An earlier or later state of the setting stands in another control set."
        not "It does not show who changed it; when, only as far as keys' times tell."
        innocent ["every change of a setting between two starts leaves this, until the older set is written anew"]
        reproduce "compare the control sets that Select names in any registry viewer"
        source "[REAL] several control sets on real hives"
}
