//! One message of an agent: unpacked within limits, read, and the form in which it wants its answer.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
};

use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::ZlibEncoder,
};
use kernel::Error;

use super::{
    Cpu, Disk, Inventory, Network, Os, Package, Said, real,
    sections::{Entry, Read, from_json, from_xml, unreadable},
};

/// What a message may unpack to.
const MAX_BYTES: u64 = 32 << 20;

/// How the message was packed; the answer goes back the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// zlib, at the default level: agents look for `78 9c`.
    Zlib,
    /// As it is.
    Plain,
}

/// XML or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// OCS and FusionInventory.
    Xml,
    /// GLPI.
    Json,
}

/// What an agent wants.
#[derive(Debug)]
pub enum Message {
    /// It asks whether to send its inventory.
    Prolog,
    /// It sends it.
    Inventory(Box<Inventory>),
}

impl Encoding {
    /// Packs an answer.
    pub fn pack(self, text: &str) -> Result<Vec<u8>, Error> {
        match self {
            Self::Plain => Ok(text.as_bytes().to_vec()),
            Self::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(text.as_bytes()).map_err(Error::internal)?;
                encoder.finish().map_err(Error::internal)
            }
        }
    }
}

/// Reads a message, whatever it claims to be: the first bytes tell.
pub fn decode(body: &[u8]) -> Result<(Message, Shape, Encoding), Error> {
    let (bytes, encoding) = match body {
        [0x1f, 0x8b, ..] => (unpack(GzDecoder::new(body))?, Encoding::Plain),
        [0x78, ..] => (unpack(ZlibDecoder::new(body))?, Encoding::Zlib),
        _ => (body.to_vec(), Encoding::Plain),
    };
    let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8"))?;
    let shape = if text.trim_start().starts_with('{') { Shape::Json } else { Shape::Xml };
    let read = if shape == Shape::Json { from_json(&text)? } else { from_xml(&text)? };
    let message = match read.query.to_lowercase().as_str() {
        "prolog" | "contact" => Message::Prolog,
        "inventory" | "netinventory" | "netdiscovery" | "injector" if !read.device.is_empty() => {
            Message::Inventory(Box::new(inventory(read)?))
        }
        "inventory" | "netinventory" | "netdiscovery" | "injector" => return Err(unreadable("no device id")),
        _ => return Err(unreadable("neither a prolog nor an inventory")),
    };
    Ok((message, shape, encoding))
}

fn unpack(reader: impl std::io::Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES { Err(unreadable("unpacks to more than 32 MiB")) } else { Ok(bytes) }
}

fn get(entry: &Entry, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| entry.get(*name)).cloned()
}

fn number(entry: &Entry, names: &[&str]) -> Option<i64> {
    get(entry, names)?.split('.').next()?.parse().ok()
}

/// Entries of the same interface are one network with several addresses.
fn networks(entries: &[Entry]) -> Vec<Network> {
    let mut networks: BTreeMap<(String, Option<String>), Vec<String>> = BTreeMap::new();
    for entry in entries {
        let mac = get(entry, &["mac", "macaddr"]).filter(|mac| mac != "00:00:00:00:00:00");
        let addresses = networks.entry((get(entry, &["description"]).unwrap_or_default(), mac)).or_default();
        addresses.extend(get(entry, &["ipaddress"]));
        addresses.extend(get(entry, &["ipaddress6"]));
    }
    networks.into_iter().map(|((name, mac), addresses)| Network { name, mac, addresses }).collect()
}

/// The type of equipment for an `itemtype` of GLPI, or the `type` of a network device.
fn type_code(item: &str) -> &'static str {
    match item.to_lowercase().as_str() {
        "" | "computer" => "computer",
        "networkequipment" | "networking" => "network",
        "printer" => "printer",
        "phone" => "phone",
        _ => "other",
    }
}

fn inventory(read: Read) -> Result<Inventory, Error> {
    let Read { device: device_id, item, partial, sections, .. } = read;
    let none = Entry::new();
    let all = |name: &str| sections.get(name).map(Vec::as_slice);
    let one = |name: &str| all(name).and_then(<[Entry]>::first).unwrap_or(&none);
    let (hardware, bios, os, device) = (one("hardware"), one("bios"), one("operatingsystem"), one("network_device"));
    let name =
        get(hardware, &["name"]).or_else(|| get(device, &["name"])).or_else(|| get(os, &["fqdn"])).unwrap_or_else(|| device_id.clone());
    let uuid = get(hardware, &["uuid"]).and_then(|uuid| real(&uuid)).map(|uuid| format!("uuid:{}", uuid.to_lowercase()));
    let mac = get(device, &["mac"]).map(|mac| format!("mac:{}", mac.to_lowercase()));
    let packages = all("softwares").map(|entries| {
        let mut packages: Vec<Package> = entries
            .iter()
            .filter_map(|entry| {
                Some(Package {
                    name: get(entry, &["name"])?,
                    version: get(entry, &["version"]).unwrap_or_default(),
                    publisher: get(entry, &["publisher"]),
                })
            })
            .collect();
        packages.sort_unstable();
        packages.dedup_by(|a, b| a.name == b.name && a.version == b.version);
        packages
    });
    let real_of = |entry: &Entry, name: &str| get(entry, &[name]).and_then(|text| real(&text));
    Ok(Inventory {
        type_code: type_code(if item.is_empty() { device.get("type").map_or("", String::as_str) } else { &item }),
        partial,
        serial: get(bios, &["ssn"]).or_else(|| get(bios, &["msn"])).or_else(|| get(device, &["serial"])).and_then(|serial| real(&serial)),
        hardware_key: uuid.or(mac).unwrap_or_else(|| format!("device:{device_id}")),
        manufacturer: get(bios, &["smanufacturer", "mmanufacturer"])
            .and_then(|maker| real(&maker))
            .or_else(|| real_of(device, "manufacturer")),
        model: get(bios, &["smodel", "mmodel"]).and_then(|model| real(&model)).or_else(|| real_of(device, "model")),
        said: Said {
            cpus: all("cpus").map(|cpus| {
                cpus.iter()
                    .map(|cpu| Cpu {
                        name: get(cpu, &["name"]).unwrap_or_default(),
                        cores: number(cpu, &["core"]),
                        threads: number(cpu, &["thread"]),
                        mhz: number(cpu, &["speed"]),
                    })
                    .collect()
            }),
            memory_mb: number(hardware, &["memory"]).or_else(|| number(device, &["memory", "ram"])),
            disks: all("storages").map(|disks| {
                disks
                    .iter()
                    .map(|disk| Disk {
                        name: get(disk, &["name"]).unwrap_or_default(),
                        model: get(disk, &["model", "manufacturer"]),
                        serial: get(disk, &["serial", "serialnumber"]).and_then(|serial| real(&serial)),
                        size_mb: number(disk, &["disksize"]),
                    })
                    .collect()
            }),
            networks: all("networks").map(networks),
            os: get(os, &["full_name", "name"]).or_else(|| get(hardware, &["osname"])).map(|name| Os {
                name,
                version: get(os, &["version"]),
                kernel: get(os, &["kernel_version"]),
                arch: get(os, &["arch"]),
            }),
            chassis: get(hardware, &["chassis_type", "vmsystem"]),
            firmware: get(device, &["firmware"]),
            agent: get(one("versionclient"), &["name"]),
        },
        device_id,
        name,
        packages,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn an_xml_report_is_read_and_secrets_are_not() {
        let xml = "<?xml version=\"1.0\"?><REQUEST><CONTENT><HARDWARE><NAME>pc&amp;1</NAME><MEMORY>2048</MEMORY></HARDWARE>\
            <ENVS><KEY>TOKEN</KEY><VAL>s3cr3t</VAL></ENVS><BIOS><SSN>ABC1234</SSN></BIOS>\
            <SOFTWARES><NAME>bash</NAME><VERSION>5</VERSION></SOFTWARES></CONTENT><DEVICEID>pc-1</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>";
        let packed = Encoding::Zlib.pack(xml).unwrap();
        let (Message::Inventory(inventory), Shape::Xml, Encoding::Zlib) = decode(&packed).unwrap() else { panic!("not an inventory") };
        assert_eq!((inventory.name.as_str(), inventory.serial.as_deref()), ("pc&1", Some("ABC1234")));
        assert_eq!(inventory.packages.as_ref().unwrap().len(), 1);
        assert!(!format!("{inventory:?}").contains("s3cr3t"));
    }

    #[test]
    fn bombs_and_doctypes_are_refused() {
        let bomb = Encoding::Zlib.pack(&" ".repeat(40 << 20)).unwrap();
        assert!(decode(&bomb).is_err());
        assert!(decode(b"<!DOCTYPE x [<!ENTITY a \"b\">]><REQUEST/>").is_err());
        assert!(decode(b"\xff\xfe").is_err());
    }
}
