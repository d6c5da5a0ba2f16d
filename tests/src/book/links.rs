//! Links between the documents.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{PICTURES, Page, below};

/// Contents of the book.
const SUMMARY: &str = "docs/SUMMARY.md";

/// Front pages of crates: their links are those of the crates' documentation.
const CRATES: [&str; 2] = ["core/README.md", "host/README.md"];

/// A line for every link that leads nowhere, every page that the summary lacks, every picture that no page shows, and every
/// picture that not exactly one fence makes.
///
/// # Errors
/// If a folder cannot be read.
pub fn broken(root: &Path, pages: &[Page]) -> io::Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut shown = Vec::new();
    let mut listed = Vec::new();
    let by_path: BTreeMap<&Path, &Page> = pages.iter().map(|page| (&*page.path, page)).collect();
    for page in pages {
        let at = page.path.display();
        if CRATES.iter().any(|path| page.path == Path::new(path)) {
            continue;
        }
        for link in page.links.iter().chain(&page.images) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.path.clone()
            } else {
                joined(page.path.parent().unwrap_or(Path::new("")), file)
            };
            if !root.join(&target).exists() {
                broken.push(format!("{at}: {link} does not exist"));
            } else if let Some(page) = by_path.get(&*target)
                && !anchor.is_empty()
                && !page.anchors.iter().any(|known| known == anchor)
            {
                broken.push(format!("{at}: {link} names no heading"));
            }
            if page.path == Path::new(SUMMARY) {
                listed.push(target.clone());
            }
        }
        let folder = page.path.parent().unwrap_or(Path::new(""));
        shown.extend(page.images.iter().map(|image| joined(folder, image)));
    }

    for page in pages.iter().filter(|page| page.path.starts_with("docs")) {
        if page.path != Path::new(SUMMARY) && !listed.contains(&page.path) {
            broken.push(format!("{SUMMARY} does not list {}", page.path.display()));
        }
    }

    let mut files = Vec::new();
    below(root, Path::new(PICTURES), &mut files)?;
    let makes = |path: &Path| {
        let fences = pages.iter().flat_map(|page| &page.fences);
        let pictures = fences.flat_map(|fence| &fence.pictures);
        pictures
            .filter(|picture| Path::new(PICTURES).join(&picture.name) == path)
            .count()
    };
    for file in files {
        if !shown.contains(&file) {
            broken.push(format!("no page shows {}", file.display()));
        }
        if makes(&file) != 1 {
            broken.push(format!(
                "{} fences make {}, not one",
                makes(&file),
                file.display()
            ));
        }
    }
    Ok(broken)
}

/// `folder/path` without `..`.
fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut joined = folder.to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => drop(joined.pop()),
            Component::CurDir => {}
            other => joined.push(other),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_leads_nowhere_is_named() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        fs::create_dir_all(root.join("docs/pictures")).unwrap();
        fs::create_dir_all(root.join("docs/theory")).unwrap();
        for (file, text) in [
            ("docs/SUMMARY.md", "- [One](theory/one.md)\n"),
            (
                "docs/theory/one.md",
                "# One\n[x](two.md) [y](two.md#two) [z](two.md#three) [n](none.md) [w](https://example.org)\n\
                 ```console\n$ ls\n```\n<!-- picture a.png a.png -->\n![a](../pictures/a.png)\n",
            ),
            ("docs/theory/two.md", "# Two\n"),
            ("docs/pictures/a.png", ""),
            ("docs/pictures/b.png", ""),
        ] {
            fs::write(root.join(file), text).unwrap();
        }
        let mut found = broken(root, &super::super::pages(root).unwrap()).unwrap();
        found.sort();
        assert_eq!(
            found,
            [
                "0 fences make docs/pictures/b.png, not one",
                "docs/SUMMARY.md does not list docs/theory/two.md",
                "docs/theory/one.md: none.md does not exist",
                "docs/theory/one.md: two.md#three names no heading",
                "no page shows docs/pictures/b.png",
            ]
        );
    }
}
