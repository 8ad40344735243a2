// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on several machines, each in its own folder.

use crate::finding::base::{self, CONFIGURED, LICENSE_SERVER};
use crate::finding::{Case, Files, Hives};
use crate::scenario::{settings, store};
use crate::time::filetime;
use crate::token::TokenSpec;
use crate::tree::Value;
use crate::write;

const HARDWARE_ID_MADE: u64 = filetime(2023, 2, 6, 9, 3, 27) + 5_772_156;
const OTHER_SERVER: &str = "rdlic02.corp.example";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            code: "across.same_hardware_id",
            about: "two clients have one hardware id",
            raises: [client("CLIENT01"), client("CLIENT02")]
                .iter()
                .flat_map(Hives::of_host)
                .collect(),
            miss: "a client and its backup copy have one hardware id",
            near_miss: with_backup(&client("CLIENT01")),
        },
        Case {
            code: "across.same_token",
            about: "two clients of one hardware ID have the very same token",
            raises: clones([0x2B0F, 0x2B0F]),
            miss: "two clients of one hardware ID have tokens of other serial numbers",
            near_miss: clones([0x2B0F, 0x2B1C]),
        },
        Case {
            code: "across.farm_servers_differ",
            about: "two hosts of one farm, each with a license server of its own",
            raises: farm([&[LICENSE_SERVER], &[OTHER_SERVER]]),
            miss: "two hosts of one farm with the same two, in other order and case",
            near_miss: farm([
                &[LICENSE_SERVER, OTHER_SERVER],
                &["RDLIC02.corp.example", "RdLic01.Corp.Example"],
            ]),
        },
    ]
}

/// Returns a client without a token. All such clients share one hardware ID.
fn client(computer_name: &'static str) -> Hives {
    let mut hives = base::workstation(computer_name);
    let id = store::hardware_id("IMAGE");
    store::licensing(&mut hives.software, base::LICENSING, HARDWARE_ID_MADE, &id);
    hives
}

/// Returns two clients of one image. NetBIOS truncates their names to the same name. The arguments
/// are the serial numbers of their tokens.
fn clones(serials: [u32; 2]) -> Files {
    let clone = |(name, serial): (&'static str, u32)| {
        let token = TokenSpec { serial, ..base::token("ACCOUNTING-PC-0") };
        base::client(&token, name).of_host()
    };
    ["ACCOUNTING-PC-001", "ACCOUNTING-PC-002"].into_iter().zip(serials).flat_map(clone).collect()
}

/// Returns a machine, and copies of its hives like those of RegIdleBackup.
fn with_backup(hives: &Hives) -> Files {
    let folder = format!("{}/Windows/System32/config/RegBack", hives.machine.computer_name);
    let mut files = hives.of_host();
    for (hive, tree) in [("SYSTEM", &hives.system), ("SOFTWARE", &hives.software)] {
        let options = hives.machine.options(&format!(r"RegBack\{hive}"));
        files.push((format!("{folder}/{hive}"), write(tree, &options).bytes));
    }
    files
}

/// Returns two hosts of one farm with their license servers.
fn farm(servers: [&[&str]; 2]) -> Files {
    let host = |(name, servers): (&'static str, &[&str])| {
        let mut hives = base::session_host(name);
        settings::terminal_server(&mut hives.system)
            .made("ClusterSettings", CONFIGURED)
            .push(Value::dword("SessionDirectoryActive", 1))
            .push(Value::sz("SessionDirectoryClusterName", "FARM1"))
            .push(Value::sz("SessionDirectoryLocation", "rdcb01.corp.example"));
        let list = settings::parameters(&mut hives.system).at("LicenseServers");
        list.set(Value::multi_sz("SpecifiedLicenseServers", servers));
        hives.with_last_known_good().of_host()
    };
    ["RDSH01", "RDSH02"].into_iter().zip(servers).flat_map(host).collect()
}
