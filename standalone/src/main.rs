//! standalone binary.
fn main() {}
