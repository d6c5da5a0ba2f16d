use super::*;

/// Writes one file whole.
fn write(path: impl AsRef<Path>, force: bool) -> Result<(), CommitError> {
    OutputFile::create(path, force)?.commit(Vec::new())
}

/// Names and contents of everything below `path` but for locks, directories with `None`.
fn tree(path: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), None));
            found.extend(tree(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, Some(bytes)));
        }
    }
    found.retain(|(path, _)| !path.ends_with(".bitspin.lock"));
    found.sort();
    found
}

#[test]
fn nothing_is_left_before_the_commit_and_all_after_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/b/c");
    let mut output = OutputDirectory::create(&path, &["x", "y"], false).unwrap();
    output.add("x", vec![0]).unwrap();
    output.add("y", vec![2]).unwrap();
    output.add("x", vec![1]).unwrap();
    let made = ["a", "a/b", "a/b/c"].map(|name| (root.path().join(name), None));
    assert_eq!(tree(root.path()), made);
    let written = output.commit().unwrap();
    assert_eq!(written, [path.join("y"), path.join("x")]);
    assert_eq!(
        tree(&path),
        [
            (path.join("x"), Some(vec![1])),
            (path.join("y"), Some(vec![2]))
        ]
    );
    drop(OutputDirectory::create(root.path().join("d"), &[], false).unwrap());
    assert!(!root.path().join("d").exists());
}

#[test]
fn earlier_results_are_kept_without_force() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("other"), "kept").unwrap();
    fs::write(root.path().join("y"), "old").unwrap();
    let before = tree(root.path());
    let error = OutputDirectory::create(root.path(), &["x", "y"], false).unwrap_err();
    assert!(matches!(&error, OutputError::Exists(path) if path.ends_with("y")));
    assert!(!error.to_string().contains('\n'));
    assert_eq!(tree(root.path()), before);
    let mut output = OutputDirectory::create(root.path(), &["x", "y"], true).unwrap();
    output.add("x", b"new".to_vec()).unwrap();
    output.add("y", b"new".to_vec()).unwrap();
    output.commit().unwrap();
    assert_eq!(fs::read(root.path().join("y")).unwrap(), b"new");
    assert_eq!(fs::read(root.path().join("other")).unwrap(), b"kept");
    assert_eq!(tree(root.path()).len(), 3);
}

#[test]
fn a_commit_that_fails_midway_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("b"), "old").unwrap();
    let mut output = OutputDirectory::create(root.path(), &["a", "b", "c"], true).unwrap();
    for name in ["a", "b", "c"] {
        output.add(name, b"new".to_vec()).unwrap();
    }
    // Between the check and the commit a directory comes to stand in the way of the last file.
    fs::create_dir(root.path().join("c")).unwrap();
    let before = tree(root.path());
    assert!(matches!(
        output.commit(),
        Err(CommitError(OutputError::NotAFile(_)))
    ));
    assert_eq!(tree(root.path()), before);
}

#[test]
fn a_file_that_appears_during_the_work_is_not_lost() {
    let root = tempfile::tempdir().unwrap();
    let output = OutputFile::create(root.path().join("x"), false).unwrap();
    fs::write(root.path().join("x"), "theirs").unwrap();
    assert!(matches!(
        output.commit(vec![]),
        Err(CommitError(OutputError::Exists(_)))
    ));
    assert_eq!(fs::read(root.path().join("x")).unwrap(), b"theirs");
}

#[test]
fn impossible_places_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below"), file.join("far/below")] {
        let error = OutputDirectory::create(path, &["x"], true).unwrap_err();
        assert!(
            matches!(&error, OutputError::NotADirectory(p) if *p == file),
            "{error}"
        );
    }
    let error = OutputDirectory::create("", &["x"], true).unwrap_err();
    assert!(matches!(error, OutputError::NoFileName(_)), "{error}");
    for name in ["", ".", "..", "a/b", "/a", "a/", "a/."] {
        let error = OutputDirectory::create(root.path(), &[name], true).unwrap_err();
        assert!(matches!(error, OutputError::NoFileName(_)), "{name}");
    }
    for path in ["", "/", "x/..", "x/", "x/."] {
        let error = OutputFile::create(path, true).unwrap_err();
        assert!(matches!(error, OutputError::NoFileName(_)), "{path}");
    }
    let error = write(root.path(), true).unwrap_err();
    assert!(matches!(error.0, OutputError::NotAFile(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn devices_and_links_are_not_replaced() {
    let error = OutputFile::create("/dev/null", true).unwrap_err();
    assert!(matches!(error, OutputError::NotAFile(_)), "{error}");
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("nowhere", root.path().join("x")).unwrap();
    let error = OutputFile::create(root.path().join("x"), true).unwrap_err();
    assert!(matches!(error, OutputError::NotAFile(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn files_have_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        let found = fs::metadata(root.path().join(name)).unwrap();
        found.permissions().mode()
    };
    fs::write(root.path().join("plain"), "").unwrap();
    fs::create_dir(root.path().join("plain-directory")).unwrap();
    write(root.path().join("made/x"), false).unwrap();
    assert_eq!(mode("made/x"), mode("plain"));
    assert_eq!(mode("made"), mode("plain-directory"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_is_known_before_the_work() {
    // Not even the superuser makes files there.
    for path in ["/proc", "/proc/none", "/proc/none/below"] {
        let error = OutputDirectory::create(path, &["x"], true).unwrap_err();
        assert!(matches!(error, OutputError::Io { .. }), "{error}");
        let message = error.to_string();
        assert!(message.starts_with("cannot write /proc"), "{message}");
        assert_eq!(message.matches("/proc").count(), 1, "{message}");
    }
}

#[test]
fn a_file_is_replaced_in_one_step_and_never_by_half() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("new/run/state.bin");
    replace_file(&path, b"one".to_vec()).unwrap();
    replace_file(&path, b"two".to_vec()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let directory = path.parent().unwrap();
    assert!(matches!(
        replace_file(directory, b"x".to_vec()),
        Err(CommitError(OutputError::NotAFile(_)))
    ));
    assert!(replace_file(&path.join("below"), b"x".to_vec()).is_err());
}

#[cfg(unix)]
#[test]
fn a_move_that_fails_is_taken_back() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "old").unwrap();
    // What is no plain file is not replaced, and is found only when the moves have begun.
    std::os::unix::fs::symlink("nowhere", root.path().join("c")).unwrap();
    let staging = Staging::new(root.path()).unwrap();
    let names = ["a", "b", "c"].map(OsStr::new);
    for name in names {
        staging.write(name, b"new").unwrap();
    }
    let (name, error) = staging.commit(&names.map(|name| (name, true))).unwrap_err();
    assert_eq!(
        (name.to_str(), error.kind()),
        (Some("c"), io::ErrorKind::AlreadyExists)
    );
    assert_eq!(fs::read(root.path().join("a")).unwrap(), b"old");
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
}

#[test]
fn a_directory_is_one_runs_at_a_time() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("run");
    let first = OutputDirectory::create(&path, &["x"], true).unwrap();
    let error = OutputDirectory::create(&path, &["y"], true).unwrap_err();
    let OutputError::InUse {
        holder: Some(holder),
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(holder.pid, std::process::id());
    assert!(
        error.to_string().contains(&holder.pid.to_string()),
        "{error}"
    );
    drop(first);
    assert!(!path.exists());
    // A lock that a killed process left behind is free.
    fs::create_dir(&path).unwrap();
    fs::write(path.join(".bitspin.lock"), "{}").unwrap();
    OutputDirectory::create(&path, &["x"], true)
        .unwrap()
        .commit()
        .unwrap();
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
    // A single file needs no lock.
    let run = OutputDirectory::create(&path, &["x"], true).unwrap();
    write(path.join("z"), true).unwrap();
    drop(run);
}
