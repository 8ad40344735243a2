//! calhive
fn main() {}
