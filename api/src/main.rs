//! api binary.
fn main() {}
