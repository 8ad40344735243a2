// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows Server 2022: a session host with settings that lift its limits, and a server without the
//! role.

use crate::scenario::machine::Machine;
use crate::scenario::release::SERVER_2022;
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, grace_period, settings, tasks};
use crate::security::Security;
use crate::time::filetime;
use crate::tree::Value;

const ROLE_INSTALLED: u64 = filetime(2023, 5, 9, 12, 36, 6) + 7_320_508;
const LIMITS_LIFTED: u64 = filetime(2023, 11, 25, 21, 17, 38) + 2_360_679;
const GRACE_REPLACED: u64 = filetime(2023, 11, 25, 21, 24, 4) + 4_494_897;
const POLICY_APPLIED: u64 = filetime(2023, 11, 26, 3, 40, 29) + 6_457_513;

/// Returns a host whose policy and own mode agree. Many other values differ from those of Windows.
pub(super) fn session_host() -> Scenario {
    let machine = Machine { licensing_mode: Some(4), ..machine("RDSH09") };
    let mut system = machine.system();
    let server = settings::terminal_server(&mut system);
    server.set(Value::dword("fSingleSessionPerUser", 0)).last_written = LIMITS_LIFTED;
    server
        .made("Licensing Core", LIMITS_LIFTED)
        .push(Value::dword("LicensingMode", 2))
        .push(Value::dword("EnableConcurrentSessions", 1));
    server.set(Value::sz("SnapshotMonitors", "1")).push(Value::dword("TSServerDrainMode", 1));
    server
        .at(r"WinStations\RDP-Tcp")
        .set(Value::dword("SecurityLayer", 0))
        .set(Value::dword("fEnableWinStation", 1))
        .set(Value::dword("fLogonDisabled", 0))
        .set(Value::dword("LanAdapter", 0))
        .set(Value::dword("MaxInstanceCount", u32::MAX))
        .set(Value::dword("Shadow", 1))
        .last_written = LIMITS_LIFTED;
    let manager = server.at("RCM");
    manager.at("Licensing Core").last_written = ROLE_INSTALLED;
    let grace = manager.made("GracePeriod", GRACE_REPLACED);
    grace.security = Security::administrators_full();
    grace.push(Value::dword(grace_period::VALUE, 0));
    let parameters = settings::parameters(&mut system);
    let library = r"%ProgramFiles%\RDP Wrapper\rdpwrap.dll";
    parameters.set(Value::expand_sz("ServiceDll", library)).last_written = LIMITS_LIFTED;

    let mut software = machine.software();
    Roles { session_host: true, licensing: false }.write(&mut software.root, ROLE_INSTALLED);
    software
        .root
        .made(r"Microsoft\Windows NT\CurrentVersion\Winlogon", LIMITS_LIFTED)
        .push(Value::dword("AllowMultipleTSSessions", 1));
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("LicensingMode", 4))
        .push(Value::sz("LicenseServers", "127.0.0.1"))
        .push(Value::dword("fDisableTerminalServerTooltip", 1))
        .push(Value::dword("fSingleSessionPerUser", 0))
        .push(Value::dword("fDenyTSConnections", 0))
        .set(Value::dword("MaxInstanceCount", 999_999));

    tasks::add(
        &mut software,
        "{0E4B6A52-7D31-4C08-9F64-2B8D1A73C5E0}",
        r"\Microsoft\Windows\Defrag\ScheduledDefrag",
        [r"%windir%\system32\defrag.exe", "-c -h -o"],
        machine.installed,
    );
    let reset = r"delete HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\RCM\GracePeriod /f";
    tasks::add(
        &mut software,
        "{6F1D0C93-58A2-4B7E-8C36-E07B94D2A518}",
        r"\Reset",
        ["reg.exe", reset],
        GRACE_REPLACED,
    );

    // A copy that no Windows program creates: both views share the key.
    software
        .root
        .made(r"Wow6432Node\Policies\Microsoft\Windows NT\Terminal Services", LIMITS_LIFTED)
        .push(Value::dword("LicensingMode", 2));

    Scenario {
        name: "windows-server-2022-session-host",
        recipe: "src/scenario/server_2022.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A session host set to per user, by policy and its own; values of scripts that lift \
                limits, another library in place of the service, warnings off, loopback as license \
                server, a policy key in the view of 32-bit programs, and a grace period replaced by a \
                number, its key taken over",
    }
}

/// Returns an ordinary member server.
pub(super) fn role_absent() -> Scenario {
    let machine = Machine { session_host: false, ..machine("FILES03") };
    let mut software = machine.software();
    Roles::default().write(&mut software.root, machine.installed);
    Scenario {
        name: "windows-server-2022-role-absent",
        recipe: "src/scenario/server_2022.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(machine.system(), software),
        about: "A member server that is neither session host nor license server; the key of the \
                mode is empty",
    }
}

fn machine(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2023, 5, 8, 8, 19, 33),
        booted: filetime(2023, 11, 25, 21, 26, 40),
        shut_down: filetime(2024, 1, 6, 2, 14, 11),
        ..Machine::session_host(computer_name, SERVER_2022)
    }
}
