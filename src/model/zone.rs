//! Time zones, from the database that the program carries along: the same name means the same time on every machine.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The time zone of this IANA name, such as `Europe/Berlin`; `None` if there is none.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}
