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

/// One report.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// The agent's name for the device.
    pub device_id: String,
    /// The computer's own name.
    pub name: String,
    /// A serial that is one.
    pub serial: Option<String>,
    /// A UUID that is one.
    pub uuid: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub hardware: Hardware,
    /// None if the report says nothing of packages (a partial one).
    pub packages: Option<Vec<Package>>,
}
