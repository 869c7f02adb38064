//! The package in the hands of somebody who trusts no program of ours: an implementation of the C2SP formats that was not written here
//! (Cloudflare's `signed_note` and `tlog_tiles`) verifies it, without a server, and finds the one record that was changed by SQL.

use std::{cell::RefCell, fs::File, io::Read as _, path::Path};

use signed_note::{Note, StandardVerifier, VerifierList};
use tests::{given, given::text, json, on_both_databases};
use tlog_tiles::{Checkpoint, Error, HashReader as _, Tile, TileHashReader, TileReader, record_hash, stored_hash_index, tree_hash};
use zip::ZipArchive;

use crate::{
    log::{log, newest},
    tamper::Back,
};

/// What was carried away.
struct Package(RefCell<ZipArchive<File>>);

impl Package {
    fn at(path: &Path) -> Self {
        Self(RefCell::new(ZipArchive::new(File::open(path).expect("the package")).expect("a ZIP")))
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.borrow_mut().by_name(name).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl TileReader for Package {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        // C2SP leaves the height out of the path, since it has only one.
        let one = |tile: &Tile| self.file(&tile.path().replacen("tile/8/", "tile/", 1)).ok_or(Error::InvalidTile);
        tiles.iter().map(one).collect()
    }
    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// How many records were verified, or the first that is not what was signed.
fn verified(package: &Package, key: &str) -> Result<usize, usize> {
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(key).expect("a key"))]);
    let note = Note::from_bytes(&package.file("checkpoint").expect("a checkpoint")).expect("a note");
    let (signatures, _) = note.verify(&known).expect("signed by the key that was written down");
    assert_eq!(signatures.len(), 1);
    let state = Checkpoint::from_bytes(note.text()).expect("a checkpoint");
    // Whatever it reads is proven to be in the tree by the reader.
    let tree = TileHashReader::new(state.size(), *state.hash(), package);
    assert_eq!(tree_hash(state.size(), &tree).expect("the root"), *state.hash());
    let places: Vec<u64> = (0..state.size()).map(|leaf| stored_hash_index(0, leaf)).collect();
    let leaves = tree.read_hashes(&places).expect("the leaves");
    let records = package.file("records.ndjson").expect("records");
    let records: Vec<&[u8]> = records.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(records.len(), leaves.len());
    let differs = records.iter().zip(&leaves).position(|(record, leaf)| record_hash(record) != *leaf);
    differs.map_or(Ok(records.len()), Err)
}

on_both_databases! {
    async fn programs_finds_what_was_changed(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        // More than one tile.
        for number in 0..260 {
            app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": format!("第{number}") })).ok().await;
        }
        newest(&app, &auditor).await;
        let key = text(&log(&app, &auditor).await["key"]);
        let path = app.folder.join("log.zip");
        let carry = async || {
            std::fs::write(&path, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
            let (path, key) = (path.clone(), key.clone());
            tokio::task::spawn_blocking(move || verified(&Package::at(&path), &key)).await.expect("a thread")
        };
        let whole = carry().await.expect("everything is as it was signed");
        assert!(whole > 260, "{whole}");

        let changed = app.by(&auditor).get("/records?action=ticket.created&limit=100").ok().await["items"][70].clone();
        let mut back = Back::of(&app.database_url);
        back.open();
        let id = back.uuid(&text(&changed["id"]));
        back.run(&format!("update audit_record set canonical = replace(canonical, 'request', 'Request') where id = {id}"));
        let (index, found) = (changed["index"].as_u64().and_then(|index| usize::try_from(index).ok()), carry().await);
        assert_eq!(found.err(), index);
    }
}
