// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests with a volume of Windows, and with vshadowmount as the second reader.

mod windows;
