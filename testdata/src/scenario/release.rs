// SPDX-License-Identifier: MIT OR Apache-2.0

//! Releases of Windows on the machines, and their names in the registry.

/// Version of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kernel {
    /// Windows XP.
    V5_1,
    /// Server 2003.
    V5_2,
    /// Windows 7, Server 2008 R2. Server 2008 is written in the same way.
    V6_1,
    /// Windows 8.1, Server 2012 R2.
    V6_3,
    /// Windows 10 and 11, Server 2016 and later.
    V10_0,
}

impl Kernel {
    /// Returns the version of a text such as "6.1".
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let versions = [
            ("5.1", Self::V5_1),
            ("5.2", Self::V5_2),
            ("6.1", Self::V6_1),
            ("6.3", Self::V6_3),
            ("10.0", Self::V10_0),
        ];
        versions.iter().find(|(name, _)| *name == text).map(|(_, kernel)| *kernel)
    }
}

/// A release of Windows. Missing values are empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Release {
    pub(crate) kernel: Kernel,
    pub(crate) product_name: &'static str,
    pub(crate) edition: &'static str,
    pub(crate) installation_type: &'static str,
    /// CurrentVersion, which stayed at 6.3 after Windows 8.1.
    pub(crate) version: &'static str,
    pub(crate) build: &'static str,
    /// CSDVersion.
    pub(crate) service_pack: &'static str,
    /// UBR, the update level.
    pub(crate) revision: u32,
    /// BuildBranch and other names of the release.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// WinNT or ServerNT.
    pub(crate) product_type: &'static str,
    pub(crate) processor: &'static str,
}

impl Release {
    /// Whether 32-bit programs have their own view.
    pub(crate) fn is_64_bit(&self) -> bool {
        self.processor == "AMD64"
    }
}

/// Fields of Windows 10 and later. Each release sets its other fields.
const TEN: Release = Release {
    kernel: Kernel::V10_0,
    product_name: "Windows 10 Pro",
    edition: "Professional",
    installation_type: "Client",
    version: "6.3",
    build: "19045",
    service_pack: "",
    revision: 0,
    names: &[],
    product_type: "WinNT",
    processor: "AMD64",
};

/// Common fields of servers.
const SERVER: Release = Release {
    edition: "ServerStandard",
    installation_type: "Server",
    product_type: "ServerNT",
    ..TEN
};

pub(crate) const XP: Release = Release {
    kernel: Kernel::V5_1,
    product_name: "Microsoft Windows XP",
    edition: "",
    installation_type: "",
    version: "5.1",
    build: "2600",
    service_pack: "Service Pack 3",
    names: &[("BuildLab", "2600.xpsp_sp3_qfe.130704-0421")],
    processor: "x86",
    ..TEN
};

pub(crate) const SERVER_2003_R2: Release = Release {
    kernel: Kernel::V5_2,
    product_name: "Microsoft Windows Server 2003 R2",
    version: "5.2",
    build: "3790",
    service_pack: "Service Pack 2",
    names: &[("BuildLab", "3790.srv03_sp2_qfe.150316-2035")],
    product_type: "ServerNT",
    ..XP
};

pub(crate) const SERVER_2008: Release = Release {
    product_name: "Windows Server (R) 2008 Standard",
    version: "6.0",
    build: "6002",
    service_pack: "Service Pack 2",
    names: &[],
    ..SERVER_2008_R2
};

pub(crate) const SERVER_2008_R2: Release = Release {
    kernel: Kernel::V6_1,
    product_name: "Windows Server 2008 R2 Standard",
    version: "6.1",
    build: "7601",
    service_pack: "Service Pack 1",
    names: &[
        ("BuildLab", "7601.win7sp1_ldr.190108-1700"),
        ("BuildLabEx", "7601.24356.amd64fre.win7sp1_ldr.190108-1700"),
        ("CSDBuildNumber", "1130"),
    ],
    ..SERVER
};

pub(crate) const SERVER_2012_R2: Release = Release {
    kernel: Kernel::V6_3,
    product_name: "Windows Server 2012 R2 Standard",
    build: "9600",
    names: &[
        ("BuildLab", "9600.winblue_ltsb.190411-0600"),
        ("BuildLabEx", "9600.19340.amd64fre.winblue_ltsb.190411-0600"),
    ],
    ..SERVER
};

pub(crate) const SERVER_2016: Release = Release {
    product_name: "Windows Server 2016 Standard",
    build: "14393",
    revision: 6452,
    names: &[("BuildBranch", "rs1_release"), ("ReleaseId", "1607")],
    ..SERVER
};

pub(crate) const SERVER_2019: Release = Release {
    product_name: "Windows Server 2019 Standard",
    build: "17763",
    revision: 5122,
    names: &[("BuildBranch", "rs5_release"), ("ReleaseId", "1809")],
    ..SERVER
};

pub(crate) const SERVER_2022: Release = Release {
    product_name: "Windows Server 2022 Standard",
    build: "20348",
    revision: 2113,
    names: &[
        ("BuildBranch", "fe_release_svc_prod2"),
        ("ReleaseId", "2009"),
        ("DisplayVersion", "21H2"),
    ],
    ..SERVER
};

pub(crate) const WINDOWS_10: Release = Release {
    revision: 3570,
    names: &[("BuildBranch", "vb_release"), ("ReleaseId", "2009"), ("DisplayVersion", "22H2")],
    ..TEN
};

/// Windows 11 still has the name Windows 10 here.
pub(crate) const WINDOWS_11: Release = Release {
    build: "22631",
    revision: 2715,
    names: &[("BuildBranch", "ni_release"), ("ReleaseId", "2009"), ("DisplayVersion", "23H2")],
    ..TEN
};

/// A client has its product name and a server its product type.
pub(crate) const WINDOWS_11_MULTI_SESSION: Release = Release {
    product_name: "Windows 10 Enterprise multi-session",
    edition: "ServerRdsh",
    product_type: "ServerNT",
    ..WINDOWS_11
};
