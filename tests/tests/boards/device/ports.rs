//! Ports and options that are none.

use std::net::TcpListener;

use bitspin_tests::command::refused;

#[test]
fn ports_that_are_none() {
    let place = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let closed = format!("tcp:{free}");
    for (port, words) in [
        ("", &["--port", "tcp:HOST:PORT"][..]),
        ("tcp:nowhere", &["--port", "tcp:HOST:PORT"]),
        ("tcp:127.0.0.1:99999", &["--port", "tcp:HOST:PORT"]),
        (&closed, &["--port", "cannot be opened", "refused"]),
        (
            "/dev/no-such-port",
            &["--port", "/dev/no-such-port", "cannot be opened"],
        ),
        ("/dev/null", &["--port", "/dev/null", "cannot be opened"]),
    ] {
        refused(place.path(), &["device", "--port", port, "info"], words);
    }
    let other: &[(&[&str], &[&str])] = &[
        (&["--timeout", "0", "info"], &["--timeout", "0.01 to 3600"]),
        (&["--timeout", "nan", "info"], &["--timeout"]),
        (&["--baud", "0", "info"], &["--baud"]),
        (&["sample", "--steps", "0"], &["--steps", "1 to"]),
        (&["sample", "--every", "0"], &["--every", "1 to 10000"]),
        (&["sample", "--every", "10001"], &["--every", "1 to 10000"]),
        (&["sample", "--beta", "1"], &["--ising"]),
        (&["sample", "--rule", "glauber"], &["--ising"]),
        (
            &["sample", "--ising", "--every", "1001"],
            &["--every", "1 to 1000"],
        ),
        (&["recall", "--noise", "2"], &["--noise", "0 to 1"]),
        (&["recall", "--sweeps", "1001"], &["--sweeps", "1 to 1000"]),
        (&["recall", "--store"], &["--pictures"]),
        (&["recall", "--network", "cubes"], &["--network", "pairs"]),
        (&["score", "--count", "0"], &["--count", "1 to"]),
        (&["score", "--data", "missing"], &["missing"]),
        (&["classify", "--count", "0"], &["--count", "1 to"]),
        (&["classify", "--data", "missing"], &["missing"]),
        (&["dance"], &["dance"]),
    ];
    for (options, words) in other {
        let arguments: Vec<_> = ["device", "--port", &closed]
            .iter()
            .chain(*options)
            .copied()
            .collect();
        refused(place.path(), &arguments, words);
    }
    refused(place.path(), &["device", "info"], &["--port"]);
}
