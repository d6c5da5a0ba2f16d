//! Where the code may know SIMD and choose a back end, and the diagrams of docs/architecture.md against the imports.

use std::collections::{BTreeMap, BTreeSet};
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

/// The fence behind `mark` in docs/architecture.md: the words of each line up to the first two spaces in a row.
fn diagram(mark: &str) -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let (_, fence) = page
        .split_once(&format!("<!-- {mark} -->\n```text\n"))
        .unwrap();
    let (fence, _) = fence.split_once("```").unwrap();
    let words = |text: &str| text.split_whitespace().map(String::from).collect();
    fence
        .lines()
        .map(|line| words(line.split_once("  ").map_or(line, |(words, _)| words)))
        .collect()
}

/// The modules at the root of a crate, and the other modules that each imports. Unit tests are left out.
fn imports(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources(folder) {
        let inside = path.strip_prefix(folder).unwrap();
        let module = inside.components().next().unwrap().as_os_str();
        let module = module.to_str().unwrap().trim_end_matches(".rs");
        let is_test = inside.components().any(|part| {
            part.as_os_str()
                .to_str()
                .is_some_and(|part| part.trim_end_matches(".rs") == "tests")
        });
        if ["lib", "bin"].contains(&module) || is_test {
            continue;
        }
        let code: String = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let found = imports.entry(module.into()).or_default();
        for (at, _) in code.match_indices("crate::") {
            found.extend(roots(&code[at + "crate::".len()..]));
        }
    }
    let modules: BTreeSet<String> = imports.keys().cloned().collect();
    for (module, found) in &mut imports {
        found.retain(|name| name != module && modules.contains(name));
    }
    imports
}

/// The first names of a path behind `crate::`: one, or those of a list in braces.
fn roots(path: &str) -> Vec<String> {
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_string()
    };
    let Some(list) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let (mut depth, mut begin, mut names) = (0, 0, vec![]);
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            ',' if depth == 0 => {
                names.push(name(list[begin..at].trim_start()));
                begin = at + 1;
            }
            '}' if depth == 0 => {
                names.push(name(list[begin..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

#[test]
fn imports_are_found() {
    let text = "{bits::{Bits, words}, fixed, rng::Streams};";
    assert_eq!(roots(text), ["bits", "fixed", "rng"]);
    assert_eq!(roots("kernel::rows;"), ["kernel"]);
    let core = imports("core/src");
    assert!(core["blob"].contains("hopfield") && core["kernel"].contains("bits"));
}

#[test]
fn modules_import_from_their_own_layer_or_below() {
    for folder in ["core/src", "host/src"] {
        let layers = diagram(&format!("layers {folder}"));
        let layer = |module: &str| {
            let mut found =
                (0..layers.len()).filter(|&at| layers[at].iter().any(|name| name == module));
            let at = found.next();
            assert!(
                at.is_some() && found.next().is_none(),
                "docs/architecture.md has to list the module {module} of {folder} once"
            );
            at
        };
        let imports = imports(folder);
        for (module, found) in &imports {
            // The error of a crate wraps those of its modules.
            for other in found.iter().filter(|_| module != "error") {
                assert!(
                    layer(other) >= layer(module),
                    "{folder}: {module} imports {other}, which stands above it in docs/architecture.md"
                );
            }
            layer(module);
        }
        for name in layers.iter().flatten() {
            assert!(
                imports.contains_key(name),
                "{folder} has no module {name}, which docs/architecture.md lists"
            );
        }
    }
}

#[test]
fn the_reference_imports_nothing() {
    for (path, text) in sources("host/src") {
        if !path.starts_with("host/src/reference") && path != Path::new("host/src/reference.rs") {
            continue;
        }
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let own = line.replace("crate::reference", "");
            assert!(
                !own.contains("crate::") && !own.contains("bitspin_core"),
                "{}: {line}",
                path.display()
            );
        }
    }
}

#[test]
fn crates_depend_on_what_the_diagram_shows() {
    let manifests = ["core", "firmware-example/protocol", "host"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let (_, fence) = page.split_once("<!-- crates -->\n```text\n").unwrap();
    let shown = fence.lines().zip(manifests);
    for (line, folder) in shown {
        let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
        let (dependencies, _) = dependencies.split_once("\n[").unwrap_or((dependencies, ""));
        let found: Vec<&str> = dependencies
            .lines()
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .filter(|name| name.starts_with("bitspin"))
            .collect();
        let arrow = line.split_once("<- ").map_or("", |(_, names)| names);
        let names: Vec<&str> = arrow
            .split_whitespace()
            .take_while(|name| name.starts_with("bitspin"))
            .collect();
        assert_eq!(names, found, "{folder}/Cargo.toml and docs/architecture.md");
    }
}
