//! The stores under the server: files.

use std::{fs, path::Path};

use slotstead_region::stores::{Driver, Files, sqlite};

pub fn driver(folder: &Path) -> Box<dyn Driver> {
    Box::new(Files::open(&folder.join("stores"), sqlite).unwrap())
}

/// How many stores there are.
pub fn found(folder: &Path) -> usize {
    let files = fs::read_dir(folder.join("stores")).unwrap();
    let names = files.map(|file| file.unwrap().file_name());
    names.filter(|name| name != "lock").count()
}
