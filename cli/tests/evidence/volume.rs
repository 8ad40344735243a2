// SPDX-License-Identifier: GPL-3.0-or-later
//! NTFS volumes, formatted by mkntfs and filled through ntfs-3g.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hive_forge::room;

use super::host::Host;
use super::tool::{Mounted, run};

/// Tools that build a volume.
pub(crate) const TOOLS: &[&str] = &["mkntfs", "ntfs-3g", "python3", "/dev/fuse"];
/// Folder of the hives, in other letter case than elsewhere.
pub(crate) const CONFIG: &str = "WINDOWS/system32/Config";
/// Bytes of a cluster.
const CLUSTER: usize = 4096;
/// Pages of the room for metadata of BitLocker: six areas of 64 KiB.
const ROOM: usize = 96;
/// Attributes of a folder as ntfs-3g takes them: directory, and compressed.
const COMPRESSED: &str = "0x10000800";

/// Formats a volume. Clusters have this many bytes.
pub(crate) fn format(image: &Path, size: u64, cluster: usize) {
    File::create(image).unwrap().set_len(size).unwrap();
    let folder = image.parent().unwrap();
    let name = image.file_name().unwrap().to_str().unwrap();
    run(folder, &format!("mkntfs -q -F -Q -s 512 -p 2048 -H 255 -S 63 -c {cluster} {name}"));
}

/// Mounts a volume for writing, with compression.
pub(crate) fn mount(image: &Path) -> Mounted {
    let name = image.file_name().unwrap().to_str().unwrap();
    let options = "compression,streams_interface=xattr";
    Mounted::new(image.parent().unwrap(), &format!("ntfs-3g -o {options} {name} {{point}}"))
}

/// Mounts a volume read-only.
pub(crate) fn mount_read_only(image: &Path) -> Mounted {
    let name = image.file_name().unwrap().to_str().unwrap();
    Mounted::new(image.parent().unwrap(), &format!("ntfs-3g -o ro {name} {{point}}"))
}

/// Builds the volume of a host. SOFTWARE is compressed, the other files are in fragments.
pub(crate) fn build(image: &Path, host: &Host) {
    format(image, 32 << 20, CLUSTER);
    let mounted = mount(image);
    let root = mounted.path();
    let information = root.join("System Volume Information");
    fs::create_dir_all(&information).unwrap();
    fs::write(information.join("room"), room::content(ROOM)).unwrap();
    let config = root.join(CONFIG);
    fs::create_dir_all(&config).unwrap();
    let is_compressed = |file: &&(String, Vec<u8>)| file.0 == "SOFTWARE";
    compress(&config, true);
    for (name, bytes) in host.files.iter().filter(is_compressed) {
        fs::write(config.join(name), bytes).unwrap();
    }
    compress(&config, false);
    let free = scatter(root, 600);
    for (name, bytes) in host.files.iter().filter(|file| !is_compressed(file)) {
        fs::write(config.join(name), bytes).unwrap();
    }
    for file in free {
        fs::remove_file(file).unwrap();
    }
}

/// Fills the volume except for this many single clusters. Returns the files that fill it.
fn scatter(root: &Path, clusters: usize) -> Vec<PathBuf> {
    let (reserve, filler) = (root.join("reserve"), root.join("filler"));
    fs::write(&reserve, vec![0xF0; 2 * clusters * CLUSTER]).unwrap();
    let mut file = File::create(&filler).unwrap();
    let chunk = vec![0xF1; 64 * CLUSTER];
    while file.write_all(&chunk).is_ok() {}
    drop(file);
    fs::remove_file(reserve).unwrap();
    let mut files = vec![filler];
    for number in 0..2 * clusters {
        let path = root.join(format!("filler{number}"));
        let written = File::create(&path).and_then(|file| file.write_all_at(&[0xF2; CLUSTER], 0));
        if written.is_err() {
            fs::remove_file(path).unwrap();
            break;
        }
        files.push(path);
    }
    for path in files.iter().skip(2).step_by(2) {
        fs::remove_file(path).unwrap();
    }
    files.retain(|path| path.exists());
    files
}

/// Sets whether ntfs-3g compresses new files of a folder.
fn compress(folder: &Path, is_compressed: bool) {
    let value = if is_compressed { COMPRESSED } else { "0x10000000" };
    let script = "import os,sys;os.setxattr(sys.argv[1],'system.ntfs_attrib_be',\
                  bytes.fromhex(sys.argv[2][2:]))";
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(folder)
        .arg(value)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Returns how The Sleuth Kit describes a file in the folder of the hives.
fn istat(image: &Path, name: &str) -> String {
    let folder = image.parent().unwrap();
    let image = image.to_str().unwrap();
    let inode = run(folder, &format!("ifind -f ntfs -n {CONFIG}/{name} {image}"));
    let inode = String::from_utf8(inode).unwrap();
    String::from_utf8(run(folder, &format!("istat -f ntfs {image} {}", inode.trim()))).unwrap()
}

/// Returns the number of fragments in a description.
fn fragments(description: &str) -> usize {
    let data = description.rsplit_once("$DATA").unwrap().1;
    let lines = data.lines().skip(1).take_while(|line| !line.starts_with("Type"));
    let clusters = lines.flat_map(str::split_whitespace);
    let clusters: Vec<u64> = clusters.map(|number| number.parse().unwrap()).collect();
    clusters.windows(2).filter(|pair| pair[0] + 1 != pair[1]).count() + 1
}

#[test]
fn files_on_the_volume_are_compressed_fragmented_listed_and_resident() {
    if !super::tool::has(TOOLS) || !super::tool::has(&["ifind", "istat"]) {
        return;
    }
    let image = super::tool::new_folder("volume").join("volume.raw");
    build(&image, &Host::client());
    let data = |text: &str| text.lines().rfind(|line| line.contains("$DATA")).unwrap().to_owned();
    assert!(data(&istat(&image, "SOFTWARE")).contains("Non-Resident, Compressed"));
    assert!(fragments(&istat(&image, "SOFTWARE.LOG1")) > 2);
    let system = istat(&image, "SYSTEM");
    assert!(system.contains("$ATTRIBUTE_LIST") && fragments(&system) > 200, "{system}");
    assert!(data(&istat(&image, "SYSTEM.LOG1")).contains("   Resident"));
}
