//! `files` in the JSON of every command that writes: all that was written, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use bitspin_tests::command::run;

/// Short commands that write, each of which may use the files of those before.
const COMMANDS: [&str; 14] = [
    "hopfield recall --patterns 3 --out r.png",
    "hopfield add --random 40 --patterns 4 --out a.svg",
    "hopfield capacity --neurons 50 --loads 0.1 --trials 1 --out cap",
    "ising sample --lattice 4x4 --betas 0.2..0.4 --points 2 --sweeps 20 --burn-in 0 --chains 2 --out lattice --states s.npy",
    "boltzmann train --hidden 1 --epochs 2 --out bm",
    "ising exact bm/model.safetensors --probabilities p.npy",
    "ising convert bm/model.safetensors c.safetensors",
    "ising anneal c.safetensors --sweeps 5 --replicas 1 --out state.txt",
    "rbm train --epochs 1 --hidden 8 --out digits",
    "rbm sample digits/model.safetensors --steps 2 --out s.csv",
    "rbm complete digits/model.safetensors --digits 16 --steps 5 --out f.npy",
    "rbm transform digits/model.safetensors --rows test --out t.npy",
    "rbm eval digits/model.safetensors --per-row e.csv --rows test",
    "rbm quantise digits/model.safetensors --format i4 --out small.safetensors",
];

/// The files below a directory, as paths from `root`.
fn files(root: &Path, directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("the directory is read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let path = path.strip_prefix(root).expect("below the root");
            found.insert(path.to_str().expect("UTF-8").into());
        }
    }
}

#[test]
fn json_lists_every_file_that_is_written() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let root = place.path();
    let mut before = BTreeSet::new();
    for command in COMMANDS {
        let arguments = command.split_whitespace().chain(["--json"]);
        let told = run(root, arguments).json();
        let mut after = BTreeSet::new();
        files(root, root, &mut after);
        let listed = told["files"]
            .as_array()
            .unwrap_or_else(|| panic!("{command}: {told}"));
        let path = |file: &serde_json::Value| file["path"].as_str().map(String::from);
        let listed: BTreeSet<_> = listed.iter().filter_map(path).collect();
        let written: BTreeSet<_> = after.difference(&before).cloned().collect();
        assert_eq!(listed, written, "{command}");
        before = after;
    }
}
