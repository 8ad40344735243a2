// SPDX-License-Identifier: MIT OR Apache-2.0

//! `Control\TimeZoneInformation`. All machines were last used in winter, so the active bias is the
//! bias of standard time.

use crate::scenario::release::Kernel;
use crate::tree::{Key, Value};

/// A time zone with daylight saving of one hour.
#[derive(Clone, Copy)]
pub(crate) struct TimeZone {
    key_name: &'static str,
    daylight_name: &'static str,
    /// Minutes that convert standard time to UTC.
    bias: i32,
    /// Resource of the daylight name in tzres.dll. The next one is the standard name.
    resource: u32,
    /// Month, week and hour of the Sunday on which standard time begins.
    standard: [u8; 3],
    daylight: [u8; 3],
}

impl TimeZone {
    pub(crate) const WEST_EUROPE: Self = Self {
        key_name: "W. Europe Standard Time",
        daylight_name: "W. Europe Daylight Time",
        bias: -60,
        resource: 321,
        standard: [10, 5, 3],
        daylight: [3, 5, 2],
    };

    pub(crate) const EASTERN: Self = Self {
        key_name: "Eastern Standard Time",
        daylight_name: "Eastern Daylight Time",
        bias: 300,
        resource: 111,
        standard: [11, 1, 2],
        daylight: [3, 2, 2],
    };

    /// Writes the zone. Windows XP and Server 2003 have names in plain text and no key name.
    pub(crate) fn write(&self, key: &mut Key, kernel: Kernel) {
        let plain = kernel < Kernel::V6_1;
        let resource = |number| format!("@tzres.dll,-{number}");
        let (standard, daylight) = if plain {
            (self.key_name.to_owned(), self.daylight_name.to_owned())
        } else {
            (resource(self.resource + 1), resource(self.resource))
        };
        key.push(Value::dword("Bias", self.bias as u32))
            .push(Value::sz("StandardName", &standard))
            .push(Value::dword("StandardBias", 0))
            .push(Value::binary("StandardStart", &sunday(self.standard)))
            .push(Value::sz("DaylightName", &daylight))
            .push(Value::dword("DaylightBias", (-60i32) as u32))
            .push(Value::binary("DaylightStart", &sunday(self.daylight)));
        if !plain {
            key.push(Value::sz("TimeZoneKeyName", self.key_name))
                .push(Value::dword("DynamicDaylightTimeDisabled", 0));
        }
        key.push(Value::dword("ActiveTimeBias", self.bias as u32));
    }
}

/// SYSTEMTIME without year, in the order of this key: the day of the week is last.
fn sunday([month, week, hour]: [u8; 3]) -> [u8; 16] {
    [0, 0, month, 0, week, 0, hour, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
