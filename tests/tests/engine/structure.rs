//! Where the code may know SIMD, and where it chooses a back end.

use std::fs;
use std::path::{Path, PathBuf};

/// All Rust files below a folder of the workspace, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut folders, mut files) = (vec![root.join(folder)], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_path_buf(), text));
            }
        }
    }
    files
}

#[test]
fn only_kernels_know_simd_and_one_file_chooses() {
    let mut choosing = vec![];
    for (path, text) in ["core/src", "host/src"].map(sources).concat() {
        let kernel = path.starts_with("core/src/kernel");
        assert!(
            kernel || !text.contains("wide::"),
            "{} names wide",
            path.display()
        );
        if text.contains("target_pointer_width") {
            choosing.push(path);
        }
    }
    assert_eq!(choosing, [Path::new("core/src/kernel/choose.rs")]);
}
