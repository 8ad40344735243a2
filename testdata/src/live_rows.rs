// SPDX-License-Identifier: MIT OR Apache-2.0

//! Rows of a live registry, as the client artifact in `integrations/velociraptor/` writes them.
//!
//! The values have the form that the accessors of Velociraptor give them: texts end before their first NUL, a number
//! is a number, and the accessor `registry` returns the first text of a REG_MULTI_SZ alone.

use crate::time;
use crate::tree::{Key, Tree, Value, value_type};
use crate::upcase;

/// Accessor of Velociraptor that reads the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accessor {
    /// `registry`: the running registry.
    Registry,
    /// `raw_reg`: hives on disk.
    RawReg,
}

impl Accessor {
    /// Returns the name that rows show.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::RawReg => "raw_reg",
        }
    }
}

/// A key that the artifact collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Hive of the key: `SOFTWARE` or `SYSTEM`.
    pub hive: &'static str,
    /// Path of the key from the root of the hive.
    pub key: &'static str,
    /// Whether the keys below are collected too.
    pub is_deep: bool,
    /// Names of the collected values. Empty for all values.
    pub values: &'static [&'static str],
}

/// Key of the control set in use.
const CURRENT_SET: &str = "CurrentControlSet";
/// Largest value that the artifact collects, in bytes.
const LARGEST: usize = 16_384;

const fn place(hive: &'static str, key: &'static str, is_deep: bool) -> Place {
    Place { hive, key, is_deep, values: &[] }
}

/// Keys that the artifact collects, in its order.
pub const PLACES: &[Place] = &[
    place("SOFTWARE", r"Microsoft\MSLicensing", true),
    place("SOFTWARE", r"Wow6432Node\Microsoft\MSLicensing", true),
    place("SOFTWARE", r"Policies\Microsoft\Windows NT\Terminal Services", false),
    place("SOFTWARE", r"Microsoft\TermServLicensing", true),
    Place {
        values: &[
            "ProductName",
            "EditionID",
            "InstallationType",
            "CurrentVersion",
            "CurrentBuild",
            "CurrentBuildNumber",
            "UBR",
            "ReleaseId",
            "DisplayVersion",
            "CSDVersion",
            "InstallDate",
        ],
        ..place("SOFTWARE", r"Microsoft\Windows NT\CurrentVersion", false)
    },
    place(
        "SOFTWARE",
        r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-Licensing",
        false,
    ),
    place(
        "SOFTWARE",
        r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-RD-Server",
        false,
    ),
    place("SYSTEM", "Select", false),
    place("SYSTEM", r"CurrentControlSet\Control\Terminal Server", false),
    place("SYSTEM", r"CurrentControlSet\Control\Terminal Server\RCM", false),
    place("SYSTEM", r"CurrentControlSet\Control\Terminal Server\RCM\Licensing Core", false),
    place("SYSTEM", r"CurrentControlSet\Control\Terminal Server\RCM\GracePeriod", false),
    place("SYSTEM", r"CurrentControlSet\Control\Terminal Server\Licensing Core", false),
    place("SYSTEM", r"CurrentControlSet\Services\TermService", false),
    place("SYSTEM", r"CurrentControlSet\Services\TermService\Parameters", true),
    place("SYSTEM", r"CurrentControlSet\Services\TermServLicensing", true),
    Place {
        values: &["ProductType", "ProductSuite"],
        ..place("SYSTEM", r"CurrentControlSet\Control\ProductOptions", false)
    },
    place("SYSTEM", r"CurrentControlSet\Control\ComputerName\ComputerName", false),
    Place {
        values: &["Hostname", "Domain"],
        ..place("SYSTEM", r"CurrentControlSet\Services\Tcpip\Parameters", false)
    },
    place("SYSTEM", r"CurrentControlSet\Control\TimeZoneInformation", false),
];

/// System that rows come from.
#[derive(Clone, Copy, Debug)]
pub struct Client<'c> {
    /// Client ID that the server adds to the rows of a hunt; `None` in a single collection.
    pub id: Option<&'c str>,
    /// Host name that the client reports.
    pub host_name: &'c str,
    /// Time of the collection, FILETIME.
    pub collected: u64,
    /// Accessor that reads the values.
    pub accessor: Accessor,
}

impl Client<'_> {
    /// Returns the rows of these hives, each with its name: `SOFTWARE` or `SYSTEM`.
    pub fn rows(&self, hives: &[(&str, &Tree)]) -> String {
        let mut rows = String::new();
        for place in PLACES {
            for (_, tree) in hives.iter().filter(|(name, _)| *name == place.hive) {
                self.place(&mut rows, place, &tree.root);
            }
        }
        rows
    }

    fn place(&self, rows: &mut String, place: &Place, root: &Key) {
        let Some(below) = place.key.strip_prefix(CURRENT_SET) else {
            return self.found(rows, place, place.key, root);
        };
        match self.accessor {
            Accessor::Registry => {
                if let Some(set) = current_set(root) {
                    let path = format!("{set}{below}");
                    self.found(rows, place, &path, root);
                }
            }
            Accessor::RawReg => {
                for set in root.subkeys.iter().map(|key| text(&key.name.units())) {
                    if set.to_ascii_uppercase().starts_with("CONTROLSET") {
                        self.found(rows, place, &format!("{set}{below}"), root);
                    }
                }
            }
        }
    }

    /// Adds the rows of a key at a path, if the key exists.
    fn found(&self, rows: &mut String, place: &Place, path: &str, root: &Key) {
        let mut key = root;
        let mut shown = format!("HKEY_LOCAL_MACHINE\\{}", place.hive);
        for (depth, name) in path.split('\\').enumerate() {
            let Some(found) = key.subkeys.iter().find(|it| is_named(&it.name.units(), name)) else {
                return;
            };
            key = found;
            let is_link = depth == 0 && place.key.starts_with(CURRENT_SET);
            let is_live = self.accessor == Accessor::Registry;
            shown += "\\";
            shown +=
                &if is_link && is_live { CURRENT_SET.to_owned() } else { text(&key.name.units()) };
        }
        self.key(rows, place, &shown, key);
    }

    fn key(&self, rows: &mut String, place: &Place, path: &str, key: &Key) {
        self.row(rows, path, key, None);
        let is_wanted = |value: &&Value| {
            let units = value.name.units();
            place.values.is_empty() || place.values.iter().any(|name| is_named(&units, name))
        };
        for value in key.values.iter().filter(is_wanted).filter(|it| it.data.len() <= LARGEST) {
            self.row(rows, path, key, Some(value));
        }
        if place.is_deep {
            for subkey in &key.subkeys {
                self.key(rows, place, &format!("{path}\\{}", text(&subkey.name.units())), subkey);
            }
        }
    }

    fn row(&self, rows: &mut String, path: &str, key: &Key, value: Option<&Value>) {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let name = json(self.host_name);
        *rows += &format!("{{\"CalhiveRow\":1,\"Hostname\":{name},\"Fqdn\":{name}");
        *rows += &format!(",\"CollectedAt\":{}", json(&rfc_3339(self.collected)));
        *rows += &format!(",\"Accessor\":\"{}\",\"Key\":{}", self.accessor.as_str(), json(path));
        let written = match self.accessor {
            Accessor::Registry => key.last_written,
            // The accessor leaves the fraction of a second out.
            Accessor::RawReg => key.last_written / 10_000_000 * 10_000_000,
        };
        *rows += &format!(",\"LastWritten\":{}", json(&rfc_3339(written)));
        *rows += &match value {
            None => ",\"ValueName\":null,\"Type\":null,\"Size\":null,\"Data\":null".to_owned(),
            Some(value) => {
                let name = text(&value.name.units());
                let name = if name.is_empty() { "@" } else { &name };
                format!(
                    ",\"ValueName\":{},\"Type\":\"{}\",\"Size\":{},\"Data\":\"{}\"",
                    json(name),
                    self.type_name(value.value_type),
                    value.data.len(),
                    base64(&self.shown(value))
                )
            }
        };
        if let Some(id) = self.id {
            *rows += &format!(",\"FlowId\":\"F.1\",\"ClientId\":{}", json(id));
        }
        *rows += "}\n";
    }

    fn type_name(&self, of: u32) -> String {
        let name = match of {
            value_type::SZ => "SZ",
            value_type::EXPAND_SZ => "EXPAND_SZ",
            value_type::BINARY => "BINARY",
            value_type::DWORD => "DWORD",
            value_type::MULTI_SZ => "MULTI_SZ",
            value_type::QWORD => "QWORD",
            other => return other.to_string(),
        };
        let start = if self.accessor == Accessor::RawReg { "REG_" } else { "" };
        format!("{start}{name}")
    }

    /// Returns the data of a value as the accessor returns them.
    fn shown(&self, value: &Value) -> Vec<u8> {
        let data = &value.data;
        let number = data.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        match value.value_type {
            value_type::SZ | value_type::EXPAND_SZ => first_text(data).into_bytes(),
            value_type::MULTI_SZ if self.accessor == Accessor::Registry => {
                first_text(data).into_bytes()
            }
            value_type::MULTI_SZ => {
                let units = pairs(data);
                let texts = units.split(|unit| *unit == 0).filter(|it| !it.is_empty());
                texts.map(text).collect::<Vec<_>>().join("\n").into_bytes()
            }
            value_type::DWORD if data.len() == 4 => number.to_string().into_bytes(),
            value_type::QWORD if data.len() == 8 => number.to_string().into_bytes(),
            _ => data.clone(),
        }
    }
}

/// Returns the name of the control set in use.
fn current_set(root: &Key) -> Option<String> {
    let select = root.subkeys.iter().find(|key| is_named(&key.name.units(), "Select"))?;
    let current = select.values.iter().find(|value| is_named(&value.name.units(), "Current"))?;
    let number = u32::from_le_bytes(current.data.as_slice().try_into().ok()?);
    Some(format!("ControlSet{number:03}"))
}

fn is_named(units: &[u16], name: &str) -> bool {
    upcase::compare(units, &name.encode_utf16().collect::<Vec<u16>>()).is_eq()
}

fn pairs(data: &[u8]) -> Vec<u16> {
    data.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

fn text(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

fn first_text(data: &[u8]) -> String {
    text(pairs(data).split(|unit| *unit == 0).next().unwrap_or_default())
}

/// Returns a FILETIME in the form of RFC 3339, without the zeros at the end of a fraction.
fn rfc_3339(filetime: u64) -> String {
    let (ticks, seconds) = (filetime % 10_000_000, filetime / 10_000_000);
    let (day, of_day) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1601 + day / 366;
    while time::filetime(year + 1, 1, 1, 0, 0, 0) / 864_000_000_000 <= day {
        year += 1;
    }
    let is_by = |month: &u64| time::filetime(year, *month, 1, 0, 0, 0) / 864_000_000_000 <= day;
    let month = (1..=12).rev().find(is_by).unwrap_or(1);
    let date = day - time::filetime(year, month, 1, 0, 0, 0) / 864_000_000_000 + 1;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = format!("{ticks:07}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]);
            text.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_has_the_form_of_the_artifact() {
        let mut tree = Tree::new("ROOT");
        let written = time::filetime(2024, 2, 29, 1, 2, 3) + 4_500_000;
        *tree.root.at(r"Microsoft\MSLicensing\HardwareID") =
            Key::new("HardwareID").written(written).binary("ClientHWID", &[1, 2]);
        let client = Client {
            id: Some("C.1"),
            host_name: "HOST",
            collected: time::DEFAULT,
            accessor: Accessor::Registry,
        };
        let rows = client.rows(&[("SOFTWARE", &tree)]);
        assert_eq!(rows.lines().count(), 3);
        assert_eq!(
            rows.lines().last().unwrap(),
            "{\"CalhiveRow\":1,\"Hostname\":\"HOST\",\"Fqdn\":\"HOST\",\"CollectedAt\":\"2023-11-14T22:13:20Z\",\
             \"Accessor\":\"registry\",\"Key\":\"HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Microsoft\\\\MSLicensing\\\\HardwareID\",\
             \"LastWritten\":\"2024-02-29T01:02:03.45Z\",\"ValueName\":\"ClientHWID\",\"Type\":\"BINARY\",\"Size\":2,\
             \"Data\":\"AQI=\",\"FlowId\":\"F.1\",\"ClientId\":\"C.1\"}"
        );
    }

    #[test]
    fn base64_of_each_length_is_padded() {
        for (bytes, expected) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v")]
        {
            assert_eq!(base64(bytes), expected);
        }
    }
}
