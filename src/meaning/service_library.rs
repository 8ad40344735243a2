// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`is_own_library`]: whether the Remote Desktop service uses Windows' own library. See rule 16 in
//! [licensing.md](crate::licensing#what-may-be-said).

use alloc::string::String;

use crate::meaning::{Certainty, Explanation};

/// Whether a path refers to the service library that Windows ships, in any usual spelling.
pub(crate) fn is_own_library(path: &str) -> bool {
    let path = path.trim().trim_matches('"').trim().to_lowercase().replace('/', "\\");
    let (folder, name) = path.rsplit_once('\\').unwrap_or(("", &path));
    let folder = folder.strip_prefix(r"\??\").unwrap_or(folder);
    let is_own_folder = matches!(
        folder,
        "" | r"%systemroot%\system32" | r"%windir%\system32" | r"\systemroot\system32"
    ) || folder
        .get(1..)
        .is_some_and(|it| matches!(it, r":\windows\system32" | r":\winnt\system32"));
    is_own_folder && matches!(name, "termsrv.dll" | "termsrv")
}

/// Explains the service library. The explanation depends on the file name.
pub(crate) fn explain(shown: String) -> Explanation {
    let name = shown.rsplit(['\\', '/']).next().unwrap_or_default();
    let is_own = name.eq_ignore_ascii_case("termsrv.dll");
    let other = "file name is not termsrv.dll, the name of Windows' own service library";
    let label = (!is_own).then(|| String::from(other));
    Explanation { shown: Some(shown), label, certainty: Certainty::Observed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_library_is_recognized_in_every_spelling() {
        for own in [
            r"%SystemRoot%\System32\termsrv.dll",
            r"C:\Windows\System32\termsrv.dll ",
            r"%windir%\System32\termsrv.dll",
            r"%WINDIR%\system32\TermSrv.DLL",
            r"\SystemRoot\System32\termsrv.dll",
            r"\??\C:\Windows\System32\termsrv.dll",
            r#""C:\WINDOWS\system32\TERMSRV.DLL""#,
            "termsrv.dll",
            "termsrv",
        ] {
            assert!(is_own_library(own), "{own}");
        }
        for other in [r"%ProgramFiles%\RDP Wrapper\rdpwrap.dll", r"C:\Users\Public\termsrv.dll", ""]
        {
            assert!(!is_own_library(other), "{other}");
        }
    }
}
