// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Locator::second_tool`]: the command by which another tool writes the same bytes.

use crate::locator::{Locator, Unallocated, VolumePlace};

/// Size of the sectors that The Sleuth Kit counts in.
const SECTOR: u64 = 512;
/// Name of the raw copy of a disk that a command makes.
const COPY: &str = "calhive-second-tool.raw";

impl Locator {
    /// Returns shell commands by which other tools write the bytes of the file to standard output; `None` if
    /// no such tool is known for the format. The paths are escaped as in reports.
    ///
    /// ```
    /// use calhive_evidence::{Locator, VolumePlace};
    /// let volume = VolumePlace { offset: 1_048_576, mft_record: Some(71), ..VolumePlace::default() };
    /// let (input, format) = (String::from("disk.raw"), String::from("raw"));
    /// let locator = Locator { input, format, volume: Some(volume), ..Locator::default() };
    /// assert_eq!(locator.second_tool().as_deref(), Some("icat -o 2048 'disk.raw' 71"));
    /// ```
    pub fn second_tool(&self) -> Option<String> {
        // A hyphen at its start would make a name an option, and a colon the name of a host or a protocol.
        let has_meaning = self.input.starts_with('-') || self.input.contains(':');
        let here = if has_meaning && !self.input.starts_with(['/', '.']) { "./" } else { "" };
        let (input, path) = (quoted(&format!("{here}{}", self.input)), quoted(&self.path));
        match (&self.volume, self.format.as_str()) {
            (Some(volume), format) => on_volume(&input, format, volume),
            (None, "zip") => Some(format!("unzip -p {input} {}", quoted(&literal(&self.path)))),
            (None, "tar") => Some(format!("tar -xOf {input} -- {path}")),
            (None, "tar.gz") => Some(format!("tar -xOzf {input} -- {path}")),
            (None, "tar.zst") => Some(format!("tar --zstd -xOf {input} -- {path}")),
            (None, "gzip") => Some(format!("gzip -dc {input}")),
            (None, "zstd") => Some(format!("zstd -dc {input}")),
            _ => None,
        }
    }
}

/// Returns the commands for a file on a volume of a disk image.
fn on_volume(input: &str, format: &str, volume: &VolumePlace) -> Option<String> {
    let is_in_use =
        !volume.is_bitlocker && volume.shadow_copy.is_none() && volume.unallocated.is_none();
    let (prepare, disk) = match format {
        "raw" => (String::new(), input.to_owned()),
        // The Sleuth Kit reads these formats itself.
        "split raw" | "E01" | "VHD" | "VHDX" | "VMDK" if is_in_use => {
            (String::new(), input.to_owned())
        }
        "E01" => (format!("mkdir -p ewf && ewfmount {input} ewf && "), String::from("ewf/ewf1")),
        "VHD" | "VHDX" | "VMDK" | "QCOW2" => {
            (format!("qemu-img convert -O raw {input} {COPY} && "), String::from(COPY))
        }
        _ => return None,
    };
    let offset = volume.offset;
    let (unlock, disk, offset) = if volume.is_bitlocker {
        let unlock =
            format!("mkdir -p bde && bdemount -o {offset} -r RECOVERY-PASSWORD {disk} bde && ");
        (unlock, String::from("bde/bde1"), 0)
    } else {
        (String::new(), disk, offset)
    };
    let prepare = format!("{prepare}{unlock}");
    if let Some(place) = volume.unallocated {
        return unallocated(place, offset, &disk).map(|command| format!("{prepare}{command}"));
    }
    let record = volume.mft_record?;
    if let Some(shadow_copy) = &volume.shadow_copy {
        let number = shadow_copy.number;
        return Some(format!(
            "{prepare}mkdir -p vss && vshadowmount -o {offset} {disk} vss && icat vss/vss{number} {record}"
        ));
    }
    let sector = offset.checked_div(SECTOR).unwrap_or_default();
    let at = if sector == 0 { String::new() } else { format!("-o {sector} ") };
    Some(format!("{prepare}icat {at}{disk} {record}"))
}

/// Returns the command for bytes in unallocated clusters of the volume at `offset`; `None` for compressed bytes.
fn unallocated(place: Unallocated, offset: u64, disk: &str) -> Option<String> {
    let Unallocated { offset: below, length, is_compressed } = place;
    let skip = offset.checked_add(below).filter(|_| !is_compressed)?;
    Some(format!(
        "dd if={disk} iflag=skip_bytes,count_bytes skip={skip} count={length} status=none"
    ))
}

/// Returns a pattern of `unzip` that stands for this path alone, and is no option.
fn literal(path: &str) -> String {
    let letters = path.chars().enumerate().map(|(at, letter)| match letter {
        '[' | '*' | '?' => format!("[{letter}]"),
        '-' if at == 0 => String::from("[-]"),
        letter => String::from(letter),
    });
    letters.collect()
}

/// Returns a word for a shell.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locator::ShadowCopy;

    fn locator(format: &str, volume: Option<VolumePlace>) -> Locator {
        let (input, path) = (String::from("it's"), String::from("C/SYSTEM"));
        Locator { input, format: format.into(), path, volume }
    }

    #[test]
    fn name_is_no_option_of_a_second_tool() {
        for (format, expected) in [
            ("zip", Some("unzip -p './-i' '[-]x'")),
            ("tar", Some("tar -xOf './-i' -- '-x'")),
            ("tar.gz", Some("tar -xOzf './-i' -- '-x'")),
            ("tar.zst", Some("tar --zstd -xOf './-i' -- '-x'")),
            ("gzip", Some("gzip -dc './-i'")),
            ("zstd", Some("zstd -dc './-i'")),
        ] {
            let locator =
                Locator { input: "-i".into(), path: "-x".into(), ..locator(format, None) };
            assert_eq!(locator.second_tool().as_deref(), expected);
        }
        let colon = Locator { input: "host:a.tar".into(), ..locator("tar", None) };
        assert_eq!(colon.second_tool().as_deref(), Some("tar -xOf './host:a.tar' -- 'C/SYSTEM'"));
    }

    #[test]
    fn command_names_the_file_for_the_second_tool() {
        let place = VolumePlace { offset: 1 << 20, mft_record: Some(9), ..VolumePlace::default() };
        let first = ShadowCopy { number: 1, ..ShadowCopy::default() };
        let snapshot = VolumePlace { shadow_copy: Some(first), ..place.clone() };
        let locked = VolumePlace { is_bitlocker: true, ..place.clone() };
        let free = Unallocated { offset: 4096, length: 7, is_compressed: false };
        let carved = VolumePlace { mft_record: None, unallocated: Some(free), ..place.clone() };
        let packed = Unallocated { is_compressed: true, ..free };
        let packed = VolumePlace { unallocated: Some(packed), ..carved.clone() };
        for (format, volume, expected) in [
            (
                "raw",
                Some(carved),
                Some(
                    r"dd if='it'\''s' iflag=skip_bytes,count_bytes skip=1052672 count=7 status=none",
                ),
            ),
            ("raw", Some(packed), None),
            ("zip", None, Some(r"unzip -p 'it'\''s' 'C/SYSTEM'")),
            ("E01", Some(place.clone()), Some(r"icat -o 2048 'it'\''s' 9")),
            (
                "raw",
                Some(snapshot),
                Some(r"mkdir -p vss && vshadowmount -o 1048576 'it'\''s' vss && icat vss/vss1 9"),
            ),
            (
                "raw",
                Some(locked),
                Some(
                    r"mkdir -p bde && bdemount -o 1048576 -r RECOVERY-PASSWORD 'it'\''s' bde && icat bde/bde1 9",
                ),
            ),
            ("zip, zip", None, None),
        ] {
            assert_eq!(locator(format, volume).second_tool().as_deref(), expected, "{format}");
        }
    }
}
