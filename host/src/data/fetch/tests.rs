//! The whole way of a download, from `file:` addresses; this test program is its own downloader.

use super::*;
use crate::data::{Images, write_images, write_labels};

/// Run by itself with [`ADDRESS`] set this is the downloader, and among the other tests it is nothing.
#[test]
fn downloader() {
    run_downloader();
}

fn fetch_here(dir: &Path, address: &str, patience: Duration) -> Result<(), DataError> {
    let mut downloader = Command::new(env::current_exe().unwrap());
    downloader.args(["--exact", "data::fetch::tests::downloader", "--nocapture"]);
    fetch_by(downloader, dir, address, patience)
}

/// A `file:` address of the directory; the files it should serve are still to be put there.
fn address(server: &Path) -> String {
    format!("file://{}/", server.display())
}

/// Fetches into a directory that is not there yet, and expects a one-line error and no directory.
fn reason(server: &Path, patience: Duration) -> String {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("new");
    let error = fetch_here(&dir, &address(server), patience).unwrap_err();
    assert!(matches!(error, DataError::Download { .. }), "{error}");
    assert!(!dir.exists());
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message:?} is more than one line");
    message
}

#[test]
fn fetches_a_standard_set() {
    let (server, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Bytes that gzip cannot shorten: the crate waits for archives of at least MNIST's size.
    let mut state = 1_u32;
    let mut noise = |count: usize| -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        std::iter::repeat_with(next).take(count).collect()
    };
    for (prefix, count) in [("train", 60_000), ("t10k", 10_000)] {
        let images = Images::new(28, 28, noise(count * 784)).unwrap();
        write_images(
            &server.path().join(format!("{prefix}-images-idx3-ubyte.gz")),
            &images,
        )
        .unwrap();
        write_labels(
            &server.path().join(format!("{prefix}-labels-idx1-ubyte.gz")),
            &noise(count),
        )
        .unwrap();
    }
    fetch_here(home.path(), &address(server.path()), PATIENCE).unwrap();
    let mut present: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    present.sort();
    let mut expected = STANDARD_NAMES;
    expected.sort_unstable();
    assert_eq!(present, expected);
    let [fetched, served] = [&home, &server].map(|dir| Dataset::load(Some(dir.path())).unwrap());
    assert!(fetched.train == served.train && fetched.test == served.test);

    // Once more: refused before anything starts.
    let again = fetch_here(home.path(), "file:///none/", PATIENCE).unwrap_err();
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
    let message = reason(server.path(), PATIENCE);
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
    let message = reason(server.path(), PATIENCE);
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
    let message = reason(server.path(), Duration::from_secs(1));
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
        matches!(fetch_here(&file, "file:///none/", PATIENCE), Err(DataError::NotADirectory { path }) if path == file)
    );
    let deep = home.path().join("none").join("deeper");
    assert!(
        matches!(fetch_here(&deep, "file:///none/", PATIENCE), Err(DataError::Io { path, .. }) if path == deep)
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
