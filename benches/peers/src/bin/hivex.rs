// SPDX-License-Identifier: GPL-3.0-or-later
//! hivex through its C functions: a walk with data or names, and look-ups. Without hivex, the program answers that it
//! is not installed.
#![cfg_attr(not(hivex), allow(dead_code, unused_imports, reason = "hivex is not installed"))]

#[path = "../../../support/reader.rs"]
mod reader;
use reader::{Seen, Task};

#[cfg(not(hivex))]
fn main() {
    std::process::exit(reader::NOT_INSTALLED);
}

#[cfg(hivex)]
fn main() {
    let Some(mut task) = Task::from_arguments() else { return };
    let path = std::ffi::CString::new(task.hive.to_str().unwrap()).unwrap();
    match task.part.as_str() {
        "data" => task.run(|| (), |()| c::Hive::open(&path).walk(true)),
        "names" => task.run(|| (), |()| c::Hive::open(&path).walk(false)),
        "lookup" => {
            task.scale = 1000;
            task.run(|| (), |()| c::Hive::open(&path).look_up());
        }
        _ => {}
    }
}

#[cfg(hivex)]
mod c {
    use std::ffi::{CStr, CString, c_char, c_int, c_void};

    use super::Seen;

    /// Three keys that a SYSTEM hive has, with a value of each.
    const PATHS: [(&[&str], &str); 3] = [
        (&["ControlSet001", "Control", "Terminal Server"], "fDenyTSConnections"),
        (&["ControlSet001", "Services", "TermService", "Parameters"], "ServiceDll"),
        (&["ControlSet001", "Control", "ComputerName", "ComputerName"], "ComputerName"),
    ];

    type Handle = *mut c_void;

    unsafe extern "C" {
        fn hivex_open(path: *const c_char, flags: c_int) -> Handle;
        fn hivex_close(hive: Handle) -> c_int;
        fn hivex_root(hive: Handle) -> usize;
        fn hivex_node_name(hive: Handle, node: usize) -> *mut c_char;
        fn hivex_node_children(hive: Handle, node: usize) -> *mut usize;
        fn hivex_node_get_child(hive: Handle, node: usize, name: *const c_char) -> usize;
        fn hivex_node_values(hive: Handle, node: usize) -> *mut usize;
        fn hivex_node_get_value(hive: Handle, node: usize, name: *const c_char) -> usize;
        fn hivex_value_key(hive: Handle, value: usize) -> *mut c_char;
        fn hivex_value_value(
            hive: Handle,
            value: usize,
            kind: *mut c_int,
            length: *mut usize,
        ) -> *mut c_char;
        fn free(at: *mut c_void);
    }

    pub struct Hive(Handle);

    impl Hive {
        pub fn open(path: &CStr) -> Self {
            // SAFETY: the path ends with NUL.
            let hive = unsafe { hivex_open(path.as_ptr(), 0) };
            assert!(!hive.is_null(), "hivex cannot open the hive");
            Self(hive)
        }

        pub fn walk(&self, has_data: bool) -> Seen {
            let mut seen = Seen::default();
            // SAFETY: the hive is open.
            let mut rest = vec![unsafe { hivex_root(self.0) }];
            while let Some(node) = rest.pop() {
                seen.keys += 1;
                // SAFETY: the node is of this hive.
                name(unsafe { hivex_node_name(self.0, node) }, &mut seen);
                // SAFETY: the node is of this hive.
                for value in list(unsafe { hivex_node_values(self.0, node) }) {
                    seen.values += 1;
                    // SAFETY: the value is of this hive.
                    name(unsafe { hivex_value_key(self.0, value) }, &mut seen);
                    if has_data {
                        self.data(value, &mut seen);
                    }
                }
                // SAFETY: the node is of this hive.
                rest.extend(list(unsafe { hivex_node_children(self.0, node) }));
            }
            seen
        }

        pub fn look_up(&self) -> Seen {
            let mut seen = Seen::default();
            for (path, value) in PATHS {
                // SAFETY: the hive is open.
                let mut node = unsafe { hivex_root(self.0) };
                for name in path {
                    let name = CString::new(*name).unwrap();
                    if node != 0 {
                        // SAFETY: the node is of this hive, and the name ends with NUL.
                        node = unsafe { hivex_node_get_child(self.0, node, name.as_ptr()) };
                    }
                }
                if node == 0 {
                    continue;
                }
                seen.keys += 1;
                let value = CString::new(value).unwrap();
                // SAFETY: the node is of this hive, and the name ends with NUL.
                let value = unsafe { hivex_node_get_value(self.0, node, value.as_ptr()) };
                if value != 0 {
                    seen.values += 1;
                    self.data(value, &mut seen);
                }
            }
            seen
        }

        fn data(&self, value: usize, seen: &mut Seen) {
            let (mut kind, mut length) = (0, 0);
            // SAFETY: the value is of this hive.
            let data = unsafe { hivex_value_value(self.0, value, &mut kind, &mut length) };
            if !data.is_null() {
                // SAFETY: hivex returned this many bytes, which the caller frees.
                seen.data(unsafe { std::slice::from_raw_parts(data.cast(), length) });
                // SAFETY: the bytes are not used any more.
                unsafe { free(data.cast()) };
            }
        }
    }

    impl Drop for Hive {
        fn drop(&mut self) {
            // SAFETY: the hive is open, and not used any more.
            unsafe { hivex_close(self.0) };
        }
    }

    fn name(text: *mut c_char, seen: &mut Seen) {
        if !text.is_null() {
            // SAFETY: hivex returned a text that ends with NUL, which the caller frees.
            seen.name(unsafe { CStr::from_ptr(text) }.to_string_lossy().encode_utf16());
            // SAFETY: the text is not used any more.
            unsafe { free(text.cast()) };
        }
    }

    /// Copies a list that ends with 0, and frees the list.
    fn list(first: *mut usize) -> Vec<usize> {
        let mut numbers = Vec::new();
        if !first.is_null() {
            let mut at = first;
            // SAFETY: the list ends with 0.
            while let number @ 1.. = unsafe { *at } {
                numbers.push(number);
                // SAFETY: the list goes on after a number other than 0.
                at = unsafe { at.add(1) };
            }
            // SAFETY: the list is not used any more.
            unsafe { free(first.cast()) };
        }
        numbers
    }
}
