//! Good files come back as written; each kind of bad file is refused in its own words.

use std::fs;

use proptest::prelude::*;

use super::*;

fn idx(magic: u32, sizes: &[u32], payload: &[u8]) -> Vec<u8> {
    let words = [&[magic], sizes].concat();
    words
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .chain(payload.iter().copied())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// What is read from a file of these bytes, images or labels, or the message of the error without the path before it.
fn read<T>(bytes: &[u8], read: impl Fn(&Path) -> Result<T, DataError>) -> Result<T, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("some-idx-file");
    fs::write(&path, bytes).unwrap();
    read(&path).map_err(|error| {
        let message = error.to_string();
        assert!(!message.contains('\n'), "{message:?} is more than one line");
        let prefix = format!("{}: ", path.display());
        message
            .strip_prefix(&prefix)
            .expect("the path comes first")
            .to_owned()
    })
}

fn images(bytes: &[u8]) -> Result<Images, String> {
    read(bytes, read_images)
}

fn labels(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read(bytes, read_labels)
}

/// Two images of 1 x 3.
fn two_images() -> Vec<u8> {
    idx(0x803, &[2, 1, 3], &[1, 2, 3, 4, 5, 6])
}

#[test]
fn reads_raw_and_gzipped_alike() {
    let expected = Images::new(1, 3, vec![1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(images(&two_images()).unwrap(), expected);
    assert_eq!(images(&gzip(&two_images())).unwrap(), expected);
    let three = idx(0x801, &[3], &[7, 0, 255]);
    assert_eq!(labels(&three).unwrap(), [7, 0, 255]);
    assert_eq!(labels(&gzip(&three)).unwrap(), [7, 0, 255]);
}

#[test]
fn reads_gzip_in_several_members() {
    let (head, tail) = (&two_images()[..9], &two_images()[9..]);
    assert_eq!(
        images(&[gzip(head), gzip(tail)].concat()).unwrap().count(),
        2
    );
}

#[test]
fn refuses_a_header_that_is_wrong() {
    let magic = "expected magic number 0x00000803 (IDX images), found";
    for (bytes, message) in [
        (vec![], "expected an IDX file, found no bytes".to_owned()),
        (
            vec![0, 0],
            "expected a header of 16 bytes, found 2 bytes in all".into(),
        ),
        (
            two_images()[..15].to_vec(),
            "expected a header of 16 bytes, found 15 bytes in all".into(),
        ),
        (idx(0x801, &[2], &[1, 2]), format!("{magic} 0x00000801")),
        (idx(0x802, &[2, 3], &[0; 6]), format!("{magic} 0x00000802")),
        (b"<!DOCTYPE html>".to_vec(), format!("{magic} 0x3c21444f")),
        (
            idx(0x803, &[0, 1, 3], &[]),
            "expected at least one image, its header declares none".into(),
        ),
        (
            idx(0x803, &[2, 0, 3], &[]),
            "expected at least one row, its header declares none".into(),
        ),
        (
            idx(0x803, &[2, 1, 0], &[]),
            "expected at least one column, its header declares none".into(),
        ),
    ] {
        assert_eq!(images(&bytes).unwrap_err(), message);
        if !bytes.is_empty() {
            assert_eq!(images(&gzip(&bytes)).unwrap_err(), message, "gzipped");
        }
    }
    assert_eq!(
        images(&gzip(&[])).unwrap_err(),
        "expected an IDX file, found no bytes"
    );
}

#[test]
fn refuses_labels_that_are_wrong() {
    for (bytes, message) in [
        (vec![], "expected an IDX file, found no bytes"),
        (
            two_images(),
            "expected magic number 0x00000801 (IDX labels), found 0x00000803",
        ),
        (
            idx(0x801, &[], &[]),
            "expected a header of 8 bytes, found 4 bytes in all",
        ),
        (
            idx(0x801, &[0], &[]),
            "expected at least one label, its header declares none",
        ),
        (
            idx(0x801, &[4], &[1, 2, 3]),
            "expected 12 bytes (unpacked) by its header, found only 11",
        ),
        (
            idx(0x801, &[2], &[1, 2, 3]),
            "expected 10 bytes (unpacked) by its header, found more",
        ),
        (
            idx(0x801, &[u32::MAX], &[1]),
            "expected 4294967303 bytes (unpacked) by its header, found only 9",
        ),
    ] {
        assert_eq!(labels(&bytes).unwrap_err(), message);
    }
}

#[test]
fn refuses_a_body_of_another_length() {
    let whole = two_images();
    let short = "expected 22 bytes (unpacked) by its header, found only";
    for end in 16..whole.len() {
        assert_eq!(images(&whole[..end]).unwrap_err(), format!("{short} {end}"));
        assert_eq!(
            images(&gzip(&whole[..end])).unwrap_err(),
            format!("{short} {end}")
        );
    }
    let over_long = [&whole[..], &[0]].concat();
    for bytes in [
        over_long.clone(),
        gzip(&over_long),
        gzip(&[&whole[..], &[0; 100_000]].concat()),
    ] {
        assert_eq!(
            images(&bytes).unwrap_err(),
            "expected 22 bytes (unpacked) by its header, found more"
        );
    }
}

/// A tera- or exabyte declared must cost nothing: were it allocated, this would end the test process.
#[test]
fn believes_no_size_without_its_bytes() {
    let lie = idx(0x803, &[u32::MAX, 16, 16], &[9; 32]);
    let short = "expected 1099511627536 bytes (unpacked) by its header, found only 48";
    assert_eq!(images(&lie).unwrap_err(), short);
    assert_eq!(images(&gzip(&lie)).unwrap_err(), short);
    for sizes in [[u32::MAX; 3], [8, 1 << 30, 1 << 30]] {
        let lie = idx(0x803, &sizes, &[9; 32]);
        let message = images(&lie).unwrap_err();
        assert!(message.ends_with("more than fit in memory"), "{message}");
        assert_eq!(images(&gzip(&lie)).unwrap_err(), message);
    }
}

#[test]
fn refuses_damaged_gzip() {
    let whole = gzip(&two_images());
    let damaged = |bytes: &[u8]| {
        let message = images(bytes).unwrap_err();
        assert!(
            message.starts_with("expected a whole gzip stream, found a damaged one: "),
            "{message}"
        );
    };
    for end in 2..whole.len() {
        damaged(&whole[..end]);
    }
    let checksum = whole.len() - 8;
    let mut flipped = whole.clone();
    flipped[checksum] ^= 1;
    damaged(&flipped);
    damaged(&[&whole[..], b"trailing"].concat());
    damaged(&[0x1f, 0x8b, 0xff, 0xff, 0xff]);
}

#[test]
fn refuses_what_is_not_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let refused = read_images(directory.path()).unwrap_err().to_string();
    assert!(
        refused.ends_with("expected a plain file, found a directory"),
        "{refused}"
    );
    let missing = read_labels(&directory.path().join("none")).unwrap_err();
    assert!(
        matches!(&missing, DataError::Input(error) if error.is_missing()),
        "{missing}"
    );
}

#[test]
fn a_failed_write_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("no-such-directory").join("labels");
    assert!(
        matches!(write_labels(&path, &[1]), Err(DataError::Io { path: named, .. }) if named == path)
    );
}

fn some_images() -> impl Strategy<Value = Images> {
    (1..5_usize, 1..5_usize, 1..6_usize).prop_flat_map(|(rows, columns, count)| {
        prop::collection::vec(any::<u8>(), rows * columns * count)
            .prop_map(move |pixels| Images::new(rows, columns, pixels).unwrap())
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(images in some_images(), labels in prop::collection::vec(any::<u8>(), 1..50)) {
        let directory = tempfile::tempdir().unwrap();
        for (name, packed) in [("plain", false), ("packed.gz", true)] {
            let path = directory.path().join(name);
            write_images(&path, &images).unwrap();
            prop_assert_eq!(fs::read(&path).unwrap().starts_with(&GZIP_MAGIC), packed);
            prop_assert_eq!(&read_images(&path).unwrap(), &images);
            write_labels(&path, &labels).unwrap();
            prop_assert_eq!(&read_labels(&path).unwrap(), &labels);
        }
    }

    /// Cut anywhere, one byte replaced anywhere: an error, or images whose shape fits their bytes; never a panic.
    #[test]
    fn no_damage_panics(
        images in some_images(),
        packed in any::<bool>(),
        at in any::<prop::sample::Index>(),
        replacement in any::<u8>(),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let sizes = [images.count(), images.rows(), images.columns()].map(|size| size as u32);
        let plain = idx(0x803, &sizes, images.pixels());
        let mut bytes = if packed { gzip(&plain) } else { plain };
        let at = at.index(bytes.len());
        bytes[at] = replacement;
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let path = Path::new("damaged");
        if let Ok(read) = images_from_bytes(&bytes, path) {
            prop_assert!(read.count() > 0 && read.pixels_per_image() > 0);
            prop_assert_eq!(read.pixels().len(), read.count() * read.pixels_per_image());
            prop_assert_eq!(read.pixels().len(), images.pixels().len());
        }
        let _ = labels_from_bytes(&bytes, path);
    }
}

/// A type's code, what it is, and the big-endian bytes of numbers of it.
fn typed(code: u8, numbers: &[f64]) -> Vec<u8> {
    let bytes = |&x: &f64| match code {
        0x08 => vec![x as u8],
        0x09 => (x as i8).to_be_bytes().to_vec(),
        0x0b => (x as i16).to_be_bytes().to_vec(),
        0x0c => (x as i32).to_be_bytes().to_vec(),
        0x0d => (x as f32).to_be_bytes().to_vec(),
        _ => x.to_be_bytes().to_vec(),
    };
    numbers.iter().flat_map(bytes).collect()
}

#[test]
fn reads_every_element_type_as_the_grey_levels_that_it_holds() {
    for code in [0x09, 0x0b, 0x0c, 0x0d, 0x0e] {
        let magic = u32::from(code) << 8;
        let bytes = idx(magic | 3, &[2, 1, 2], &typed(code, &[0.0, 16.0, 8.0, 4.0]));
        for bytes in [gzip(&bytes), bytes] {
            assert_eq!(
                images(&bytes).unwrap().pixels(),
                [0, 255, 128, 64],
                "{code:#x}"
            );
        }
        let bytes = idx(magic | 1, &[3], &typed(code, &[7.0, 0.0, 100.0]));
        assert_eq!(labels(&bytes).unwrap(), [7, 0, 100], "{code:#x}");
    }
    // NumPy's floats between -1 and 1; middle levels are white at a threshold of a half.
    let bytes = idx(0xd03, &[1, 1, 3], &typed(0x0d, &[-1.0, 0.0, 1.0]));
    assert_eq!(images(&bytes).unwrap().pixels(), [0, 128, 255]);
    let magic = "expected magic number 0x00000803 (IDX images), found 0x00000a03";
    assert_eq!(images(&idx(0xa03, &[1, 1, 1], &[0])).unwrap_err(), magic);
}

#[test]
fn refuses_levels_and_labels_that_are_not_numbers_of_their_kind() {
    for wrong in [f64::NAN, f64::INFINITY] {
        let bytes = idx(0xe03, &[2, 1, 2], &typed(0x0e, &[0.0, 1.0, 0.5, wrong]));
        let message = images(&bytes).unwrap_err();
        assert!(message.contains("in image 1, row 0, column 1"), "{message}");
    }
    let bytes = idx(0xc03, &[2, 1, 1], &typed(0x0c, &[3.0, 3.0]));
    let message = images(&bytes).unwrap_err();
    assert_eq!(
        message,
        "expected at least two grey levels, every pixel is 3"
    );
    for wrong in [-1.0, 256.0, 0.5, f64::NAN] {
        let bytes = idx(0xd01, &[2], &typed(0x0d, &[1.0, wrong]));
        let message = labels(&bytes).unwrap_err();
        let expected = format!("expected labels from 0 to 255, found {wrong} for image 1 (from 0)");
        assert_eq!(message, expected);
    }
}

#[test]
fn the_first_of_the_columns_of_qmnist_is_the_class() {
    let rows = [
        5.0, 4.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0, 3.0, 4.0, 1.0, 1.0, 8.0, 8.0, 8.0, 300.0,
    ];
    let bytes = idx(0xc02, &[2, 8], &typed(0x0c, &rows));
    assert_eq!(labels(&bytes).unwrap(), [5, 3]);
    assert_eq!(labels(&idx(0x802, &[2, 1], &[7, 8])).unwrap(), [7, 8]);
    let message = labels(&idx(0x802, &[2, 3], &[0; 6])).unwrap_err();
    assert!(message.ends_with("found 3 columns"), "{message}");
}
