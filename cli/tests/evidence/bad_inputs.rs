// SPDX-License-Identifier: GPL-3.0-or-later
//! Inputs that cannot be read: one clear line each, and the report of the good host beside them is whole.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hive_forge::bitlocker::{Protectors, encrypt};
use serde_json::Value;

use super::form::Base;
use super::host::{CONFIG, Host};
use super::normal::{differences, normal};
use super::scan::Scan;
use super::tool::{has, new_folder, run, write};
use super::{collection, disk, volume};

/// An input that cannot be read.
struct Bad {
    name: &'static str,
    tools: &'static [&'static str],
    /// Builds the input in a folder. Returns its path.
    build: fn(&Base, &Path) -> PathBuf,
    /// Text after the path in the one line about the input.
    line: &'static str,
}

const BAD: &[Bad] = &[
    bad("encrypted zip", &["zip"], "entries are encrypted with a password", |base, at| {
        base.folder(&at.join("host"));
        run(&at.join("host"), "zip -q -r -P secret ../host.zip Windows");
        at.join("host.zip")
    }),
    bad(
        "zip bomb",
        &["python3"],
        "unpacks to more than 851,973,200 bytes from 4,259,866 bytes, like a bomb",
        |base, at| {
            let (path, hive) = (at.join("bomb.zip"), at.join("hive"));
            fs::write(&hive, &base.host.files[0].1).unwrap();
            let [target, hive] = [&path, &hive].map(|path| path.to_str().unwrap());
            run(at, &format!("python3 {} {target} {hive}", script(at, BOMB)));
            path
        },
    ),
    bad(
        "BitLocker volume without a key",
        volume::TOOLS,
        "is encrypted with BitLocker; give its recovery password with --bitlocker-recovery-password",
        |base, at| {
            let protectors = Protectors { clear_key: false, recovery_password: true };
            let path = at.join("volume.raw");
            fs::write(&path, encrypt(&fs::read(base.volume()).unwrap(), protectors)).unwrap();
            path
        },
    ),
    bad(
        "truncated raw disk",
        &["sgdisk"],
        "partition 2 ends at offset 0x2300000, after the end of the disk at",
        |base, at| cut(base.disk(), &at.join("disk.raw"), 2),
    ),
    bad("truncated E01", &["sgdisk", "ewfacquire"], "is cut short", |base, at| {
        let image = disk::e01(base.disk(), &at.join("e01/disk"), 1500, "none");
        cut(&image, &at.join("disk.E01"), 2)
    }),
    bad("truncated QCOW2", &["sgdisk", "qemu-img"], "go past the end at offset", |base, at| {
        disk::convert(base.disk(), &at.join("whole/disk.qcow2"), "qcow2");
        cut(&at.join("whole/disk.qcow2"), &at.join("disk.qcow2"), 2)
    }),
    bad(
        "E01 without its second segment",
        &["sgdisk", "ewfacquire"],
        "segment disk.E02 is missing, and disk.E05 is there; copy disk.E02 beside the other segments",
        |base, at| {
            let image = disk::e01(base.disk(), &at.join("disk"), 8, "none");
            fs::remove_file(image.with_extension("E02")).unwrap();
            image
        },
    ),
    bad(
        "E01 without its last segment",
        &["sgdisk", "ewfacquire"],
        "segment disk.E05 is missing; copy it beside the other segments; the image holds ",
        |base, at| {
            let image = disk::e01(base.disk(), &at.join("disk"), 8, "none");
            let last = (2..99).map(|number| image.with_extension(format!("E{number:02}")));
            fs::remove_file(last.take_while(|path| path.exists()).last().unwrap()).unwrap();
            image
        },
    ),
    bad(
        "split disk without its second piece",
        &["sgdisk", "split"],
        "segment disk.002 is missing, and disk.004 is there; copy disk.002 beside the other segments",
        |base, at| {
            let first = disk::split(base.disk(), at);
            fs::remove_file(first.with_extension("002")).unwrap();
            first
        },
    ),
    bad("empty file", &[], "is an empty file; copy the hive from the evidence again", |_, at| {
        File::create(at.join("SYSTEM")).unwrap();
        at.join("SYSTEM")
    }),
    bad("FIFO", &["mkfifo"], ": not a regular file", |_, at| {
        run(at, "mkfifo pipe");
        at.join("pipe")
    }),
    bad(
        "differencing VHD",
        &["sgdisk", "qemu-img"],
        "differencing VHD: its other data are in a parent disk; merge it into its parent",
        |base, at| {
            let path = at.join("disk.vhd");
            disk::convert(base.disk(), &path, "vpc -o subformat=dynamic,force_size=on");
            difference(&path);
            path
        },
    ),
    bad("AFF4", &["zip"], "calhive does not read AFF4; export it as E01 or raw", |_, at| {
        write(&at.join("image/container.description"), b"aff4://c2f1");
        write(&at.join("image/information.turtle"), b"@prefix aff4: <http://aff4.org/Schema#> .\n");
        run(
            &at.join("image"),
            "zip -q -0 -r ../image.aff4 container.description information.turtle",
        );
        at.join("image.aff4")
    }),
    bad("Ex01", &[], "calhive does not read Ex01; export it as E01 or raw", |_, at| {
        signed(at, "disk.Ex01", 0, b"EVF2\r\n\x81\0")
    }),
    bad(
        "LUKS volume",
        &[],
        "volume encrypted with LUKS, which calhive does not read; unlock it read-only",
        |_, at| signed(at, "disk.raw", 0, b"LUKS\xBA\xBE\0\x02"),
    ),
    bad(
        "ReFS volume",
        &[],
        "ReFS volume, which calhive does not read; mount it read-only on Windows",
        |_, at| signed(at, "refs.raw", 3, b"ReFS\0\0\0\0"),
    ),
    bad("APFS container", &[], "APFS container, which calhive does not read", |_, at| {
        signed(at, "apfs.raw", 32, b"NXSB")
    }),
    bad(
        "LVM volume",
        &[],
        "LVM physical volume, which calhive does not read; activate it read-only",
        |_, at| signed(at, "lvm.raw", 512, b"LABELONE"),
    ),
];

type Build = fn(&Base, &Path) -> PathBuf;

const fn bad(
    name: &'static str,
    tools: &'static [&'static str],
    line: &'static str,
    build: Build,
) -> Bad {
    Bad { name, tools, build, line }
}

/// Writes a zip archive with one hive, which goes on with 4,095 MiB of zeros.
const BOMB: &str = "import struct,sys,zlib
packer=zlib.compressobj(9,zlib.DEFLATED,-15)
hive=open(sys.argv[2],'rb').read()
first=packer.compress(hive.ljust(1<<20,b'\\0'))+packer.flush(zlib.Z_FULL_FLUSH)
chunk=packer.compress(bytes(1<<20))+packer.flush(zlib.Z_FULL_FLUSH)
data=first+chunk*4094+packer.flush()
size=4095<<20
name=b'Windows/System32/config/SYSTEM'
fixed=struct.pack('<HHHHHIIIHH',20,0,8,0,22561,0,len(data),size,len(name),0)
central=b'PK\\1\\2'+struct.pack('<H',20)+fixed+struct.pack('<HHHII',0,0,0,0,0)+name
start=30+len(name)+len(data)
end=b'PK\\5\\6'+struct.pack('<HHHHIIH',0,0,1,1,len(central),start,0)
open(sys.argv[1],'wb').write(b'PK\\3\\4'+fixed+name+data+central+end)
";

/// Writes a script. Returns its path.
fn script(at: &Path, text: &str) -> String {
    let path = at.join("script.py");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Copies the first part of a file.
fn cut(file: &Path, to: &Path, part: usize) -> PathBuf {
    let bytes = fs::read(file).unwrap();
    fs::write(to, &bytes[..bytes.len() / part]).unwrap();
    to.to_owned()
}

/// Writes 1 MiB with a signature.
fn signed(at: &Path, name: &str, offset: u64, signature: &[u8]) -> PathBuf {
    let file = File::create(at.join(name)).unwrap();
    file.set_len(1 << 20).unwrap();
    file.write_all_at(signature, offset).unwrap();
    at.join(name)
}

/// Turns a dynamic VHD into a differencing one, whose parent is missing.
fn difference(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.len() - 512;
    for footer in [0, end] {
        let footer = &mut bytes[footer..footer + 512];
        footer[60..64].copy_from_slice(&4_u32.to_be_bytes());
        footer[64..68].fill(0);
        let sum: u32 = footer.iter().map(|byte| u32::from(*byte)).sum();
        footer[64..68].copy_from_slice(&(!sum).to_be_bytes());
    }
    fs::write(path, bytes).unwrap();
}

/// Report of the good host, without the list of what was not read.
fn good(scan: &Scan) -> Value {
    let mut report = normal(&scan.report()).0;
    report.as_object_mut().unwrap().remove("not_read");
    // A damaged image can still hold the same hives.
    for source in report["sources"].as_array_mut().unwrap() {
        source.as_object_mut().unwrap().remove("copies");
    }
    report
}

#[test]
fn bad_input_gets_one_line_and_the_good_host_beside_it_is_whole() {
    let base = Base::new(Host::client(), "bad");
    let folder = new_folder("bad-good");
    collection::folder(&folder, CONFIG, &base.host);
    let expected = good(&Scan::json(&[folder.clone().into()]));
    let mut failures = Vec::new();
    for (number, bad) in BAD.iter().enumerate() {
        let needs_disk = bad.tools.contains(&"sgdisk");
        if !has(bad.tools) || (needs_disk && !has(volume::TOOLS)) {
            continue;
        }
        let at = new_folder(&format!("bad-{number}"));
        let input = (bad.build)(&base, &at);
        let scan = Scan::json(&[input.clone().into(), folder.clone().into()]);
        let path = input.to_str().unwrap();
        let is_about = |line: &&str| line.contains(path) && !line.contains(" hives read");
        let lines: Vec<&str> = scan.err.lines().filter(is_about).collect();
        let name = bad.name;
        // Part of a truncated image is read: each file that is not whole gets a line of its own.
        let is_about_input = |line: &&&str| !line.contains(&format!("{path}/"));
        let is_expected = |line: &&str| !bad.line.is_empty() && line.contains(bad.line);
        let count = lines.iter().filter(is_about_input).count();
        if !lines.iter().any(is_expected) || count > 1 {
            failures.push(format!("{name}: {lines:#?}"));
        }
        if scan.code != 3 {
            failures.push(format!("{name}: exit code {}", scan.code));
        }
        let differences = differences(&expected, &good(&scan));
        if !differences.is_empty() {
            failures.push(format!("{name}: {differences:#?}"));
        }
        if scan.peak > 256 << 10 {
            failures.push(format!("{name}: {} KiB", scan.peak));
        }
        fs::remove_dir_all(at).unwrap();
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Runs the command as a user without rights, if the test has all rights.
fn scan_without_rights(arguments: &[&Path]) -> std::process::Output {
    let is_root = run(arguments[0].parent().unwrap(), "id -u") == b"0\n";
    let calhive = assert_cmd::cargo_bin!("calhive");
    let mut command = if is_root {
        let mut command = super::tool::command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(calhive);
        command
    } else {
        std::process::Command::new(calhive)
    };
    command.arg("scan").args(arguments).args(["--format", "json"]).output().unwrap()
}

#[test]
fn input_without_permission_is_named_and_the_rest_is_read() {
    if !has(&["setpriv", "id"]) {
        return;
    }
    let host = Host::session_host();
    let folder = new_folder("bad-permission");
    collection::folder(&folder.join("host"), CONFIG, &host);
    let locked = folder.join("disk.raw");
    fs::write(&locked, [0; 4096]).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let output = scan_without_rights(&[&locked, &folder.join("host")]);
    let errors = String::from_utf8(output.stderr).unwrap();
    let path = locked.to_str().unwrap();
    let lines: Vec<&str> = errors.lines().filter(|line| line.contains(path)).collect();
    assert!(matches!(lines[..], [line] if line.contains("Permission denied")), "{errors}");
    assert_eq!(output.status.code(), Some(3), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sources"].as_array().map(Vec::len), Some(2));
}

/// A collection below a folder that nobody can write, read by a user without rights.
#[test]
fn folder_without_write_permission_is_read() {
    if !has(&["setpriv", "id"]) {
        return;
    }
    let folder = new_folder("read-only");
    collection::folder(&folder, CONFIG, &Host::session_host());
    for path in [folder.join(CONFIG), folder.clone()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let output = scan_without_rights(&[&folder]);
    for path in [folder.join(CONFIG), folder] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
