//! The whole way of a download, from `file:` addresses; this test program is its own downloader.

use super::*;
use crate::data::{Images, read_images, write_images, write_labels};

/// Run by itself with [`ADDRESS`] set this is the downloader, and among the other tests it is nothing.
#[test]
fn downloader() {
    run_downloader();
}

fn fetch_here(dir: &Path, address: &str) -> Result<(), DataError> {
    let mut downloader = Command::new(env::current_exe().unwrap());
    downloader.args(["--exact", "data::fetch::tests::downloader", "--nocapture"]);
    fetch_by(downloader, dir, address, Duration::from_millis(1500))
}

/// A `file:` address of the directory; the files it should serve are still to be put there.
fn address(server: &Path) -> String {
    format!("file://{}/", server.display())
}

/// Fetches into a directory that is not there yet, and expects a one-line error and no directory.
fn reason(server: &Path) -> String {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("new");
    let error = fetch_here(&dir, &address(server)).unwrap_err();
    assert!(matches!(error, DataError::Download { .. }), "{error}");
    assert!(!dir.exists());
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message:?} is more than one line");
    message
}

#[test]
fn fetches_a_standard_set() {
    let (server, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Pixels that gzip cannot shorten much: the crate waits for archives of at least MNIST's size.
    let noise = |i: u32| {
        (i.wrapping_mul(2_654_435_761)
            .rotate_left(15)
            .wrapping_mul(2_246_822_519)
            >> 24) as u8
    };
    let images = |count: u32| Images::new(28, 28, (0..count * 784).map(noise).collect()).unwrap();
    let labels = |count: u32| (0..count).map(noise).collect::<Vec<_>>();
    for (prefix, count) in [("train", 60_000), ("t10k", 10_000)] {
        write_images(
            &server.path().join(format!("{prefix}-images-idx3-ubyte.gz")),
            &images(count),
        )
        .unwrap();
        write_labels(
            &server.path().join(format!("{prefix}-labels-idx1-ubyte.gz")),
            &labels(count),
        )
        .unwrap();
    }
    fetch_here(home.path(), &address(server.path())).unwrap();
    let mut present: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    present.sort();
    let mut expected = STANDARD_NAMES;
    expected.sort_unstable();
    assert_eq!(present, expected);
    assert_eq!(
        read_images(&home.path().join("t10k-images-idx3-ubyte")).unwrap(),
        images(10_000)
    );

    // Once more: refused before anything starts.
    let again = fetch_here(home.path(), "file:///none/").unwrap_err();
    assert!(
        again
            .to_string()
            .ends_with("idx3-ubyte: exists already and was left alone"),
        "{again}"
    );
}

#[test]
fn says_that_nothing_is_there() {
    let server = tempfile::tempdir().unwrap();
    let message = reason(server.path());
    assert!(
        message.contains("new: nothing fetched: file://"),
        "{message}"
    );
    assert!(message.ends_with("train-images-idx3-ubyte.gz"), "{message}");
}

#[test]
fn says_that_a_page_came_instead() {
    let server = tempfile::tempdir().unwrap();
    fs::write(
        server.path().join("train-images-idx3-ubyte.gz"),
        "<html>403 Forbidden</html>",
    )
    .unwrap();
    let message = reason(server.path());
    assert!(
        message.ends_with("is not gzip; it may be a page about an error"),
        "{message}"
    );
}

#[test]
fn says_that_the_download_stalled() {
    let server = tempfile::tempdir().unwrap();
    let tiny = Images::new(1, 1, vec![1, 2]).unwrap();
    write_images(&server.path().join("train-images-idx3-ubyte.gz"), &tiny).unwrap();
    let message = reason(server.path());
    assert!(
        message.ends_with("bytes, then for 1 s nothing more"),
        "{message}"
    );
}

#[test]
fn says_which_directory_cannot_be_made() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(
        matches!(fetch_here(&file, "file:///none/"), Err(DataError::NotADirectory { path }) if path == file)
    );
    let deep = home.path().join("none").join("deeper");
    assert!(
        matches!(fetch_here(&deep, "file:///none/"), Err(DataError::Io { path, .. }) if path == deep)
    );
}

#[test]
fn takes_the_sentence_out_of_a_panic() {
    let curl = r#"called `Result::unwrap()` on an `Err` value: Error { description: "Couldn't resolve host name", code: 6, extra: "#;
    assert_eq!(
        plain(&format!("{curl}None }}")),
        "Couldn't resolve host name"
    );
    assert_eq!(
        plain(&format!("{curl}Some(\"Could not resolve host: a.b\") }}")),
        "Could not resolve host: a.b"
    );
    assert_eq!(plain("two\n lines"), "two lines");
}
