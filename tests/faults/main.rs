//! Processes killed without warning, at random points, under load.
