//! Finds hives.
