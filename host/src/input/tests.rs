use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const FORMAT: Format = Format::new("test", 1000);

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read_unpacked(path: &Path, format: &Format) -> Result<Vec<u8>, InputError> {
    Input::unpack(path, format)?.read_all()
}

#[test]
fn files_are_read_raw_or_unpacked_up_to_the_limit() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("x");
    for bytes in [&b""[..], b"\x1f", b"a", &[7; 1000]] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path, &FORMAT).unwrap(), bytes);
        assert_eq!(read_unpacked(&path, &FORMAT).unwrap(), bytes);
        fs::write(&path, packed(bytes)).unwrap();
        assert_eq!(read_unpacked(&path, &FORMAT).unwrap(), bytes);
        assert_eq!(read(&path, &FORMAT).unwrap(), packed(bytes));
    }
    fs::write(&path, [7; 1001]).unwrap();
    let error = read(&path, &FORMAT).unwrap_err().to_string();
    assert!(
        error.ends_with("expected a test of at most 1000 bytes, found 1001"),
        "{error}"
    );
    // A small file that unpacks to a gigabyte is refused after its first kilobyte.
    fs::write(&path, packed(&vec![0; 1 << 20])).unwrap();
    let larger = Format::new("test", 100_000);
    let error = read_unpacked(&path, &larger).unwrap_err().to_string();
    assert!(
        error.ends_with("at most 100000 bytes, found more"),
        "{error}"
    );
    let whole = packed(b"0123456789");
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let error = read_unpacked(&path, &FORMAT).unwrap_err();
    assert!(matches!(error.problem, InputProblem::Gzip(_)), "{error}");
}

#[test]
fn a_limit_holds_however_the_bytes_are_taken() {
    let path = Path::new("memory");
    for size in [999, 1000, 1001, 70_000] {
        let mut input = Input::from_bytes(vec![7; size], path, &FORMAT).unwrap();
        let mut found = 0;
        let result = loop {
            match input.read(&mut [0; 13]) {
                Ok(0) => break Ok(found),
                Ok(count) => found += count,
                Err(error) => break Err(input.fail(error)),
            }
        };
        assert!(found <= 1000);
        assert_eq!(result.is_ok(), size <= 1000, "{size}");
    }
    let mut input = Input::from_bytes(vec![7; 1000], path, &FORMAT).unwrap();
    assert_eq!(input.read_up_to(10).unwrap().len(), 10);
    assert_eq!(input.read_all().unwrap().len(), 990);
}

#[test]
fn only_plain_files_are_opened() {
    let place = tempfile::tempdir().unwrap();
    let refused = |path: &Path| read(path, &FORMAT).unwrap_err().problem;
    let problem = refused(place.path());
    assert!(
        matches!(problem, InputProblem::NotAFile("a directory")),
        "{problem}"
    );
    assert!(
        read(&place.path().join("none"), &FORMAT)
            .unwrap_err()
            .is_missing()
    );
    assert!(read(Path::new("-"), &FORMAT).unwrap_err().is_missing());
    assert!(FORMAT.or_standard_input().is_standard_input("-".as_ref()));
}

#[cfg(target_os = "linux")]
#[test]
fn pipes_devices_and_sockets_are_refused_without_waiting() {
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let socket = place.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let link = place.path().join("link");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    for (path, kind) in [(pipe, "a pipe"), (socket, "a socket"), (link, "a device")] {
        let error = read(&path, &FORMAT).unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("expected a plain file, found {kind}")),
            "{error}"
        );
    }
    // Files of the kernel have no size beforehand; the limit holds for them.
    let error = read("/proc/kallsyms".as_ref(), &FORMAT)
        .unwrap_err()
        .problem;
    assert!(matches!(error, InputProblem::TooLarge { .. }), "{error}");
}
