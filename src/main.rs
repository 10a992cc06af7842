//! The binary. The library does the work.
fn main() {}
