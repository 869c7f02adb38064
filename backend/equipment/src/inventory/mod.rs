//! What inventory agents send, read into one model: the XML of OCS and FusionInventory agents and the JSON of GLPI
//! agents. Only named sections are looked at; environment variables, processes and users never leave the parser.

mod exchange;
mod sections;
mod serials;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use exchange::{Encoding, Message, Shape, decode};
pub use serials::real;

/// What a computer is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hardware {
    /// Processors.
    pub cpus: Vec<Cpu>,
    /// Memory in MiB.
    #[schema(required)]
    pub memory_mb: Option<i64>,
    /// Disks.
    pub disks: Vec<Disk>,
    /// Network interfaces.
    pub networks: Vec<Network>,
    /// Operating system.
    #[schema(required)]
    pub os: Option<Os>,
    /// What kind of case.
    #[schema(required)]
    pub chassis: Option<String>,
    /// Version of the firmware, of network devices and printers.
    #[serde(default)]
    #[schema(required)]
    pub firmware: Option<String>,
    /// The agent that said so.
    #[schema(required)]
    pub agent: Option<String>,
}

/// A processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cpu {
    pub name: String,
    #[schema(required)]
    pub cores: Option<i64>,
    #[schema(required)]
    pub threads: Option<i64>,
    #[schema(required)]
    pub mhz: Option<i64>,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disk {
    pub name: String,
    #[schema(required)]
    pub model: Option<String>,
    #[schema(required)]
    pub serial: Option<String>,
    /// MB as the agent says.
    #[schema(required)]
    pub size_mb: Option<i64>,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Network {
    pub name: String,
    #[schema(required)]
    pub mac: Option<String>,
    pub addresses: Vec<String>,
}

/// An operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Os {
    pub name: String,
    #[schema(required)]
    pub version: Option<String>,
    #[schema(required)]
    pub kernel: Option<String>,
    #[schema(required)]
    pub arch: Option<String>,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub publisher: Option<String>,
}

/// What a report says of the hardware; it is silent about what is none.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub cpus: Option<Vec<Cpu>>,
    pub memory_mb: Option<i64>,
    pub disks: Option<Vec<Disk>>,
    pub networks: Option<Vec<Network>>,
    pub os: Option<Os>,
    pub chassis: Option<String>,
    pub firmware: Option<String>,
    pub agent: Option<String>,
}

impl Said {
    /// The hardware after it. What a whole report does not name is not there any more; a partial one leaves that as it was.
    #[must_use]
    pub fn after(&self, before: Option<&Hardware>, partial: bool) -> Hardware {
        let before = before.filter(|_| partial).cloned().unwrap_or_default();
        Hardware {
            cpus: self.cpus.clone().unwrap_or(before.cpus),
            memory_mb: self.memory_mb.or(before.memory_mb),
            disks: self.disks.clone().unwrap_or(before.disks),
            networks: self.networks.clone().unwrap_or(before.networks),
            os: self.os.clone().or(before.os),
            chassis: self.chassis.clone().or(before.chassis),
            firmware: self.firmware.clone().or(before.firmware),
            agent: self.agent.clone().or(before.agent),
        }
    }
}

/// One report.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// Code of the type of equipment that reports, or is reported: `computer`, `network`, `printer`, `phone`, `other`.
    pub type_code: &'static str,
    /// Whether it speaks only of what changed.
    pub partial: bool,
    /// The agent's name for the device.
    pub device_id: String,
    /// The computer's own name.
    pub name: String,
    /// A serial that is one.
    pub serial: Option<String>,
    /// What tells it from others when it has no serial: a UUID that is one, of a network device its MAC address.
    pub hardware_key: String,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub said: Said,
    /// None if the report says nothing of packages (a partial one).
    pub packages: Option<Vec<Package>>,
}
