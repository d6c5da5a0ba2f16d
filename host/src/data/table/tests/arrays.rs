//! NumPy arrays and archives of them: every kind of number and shape, and what is wrong with one.

use std::fs;
use std::io::Write;

use super::{array, entries, file, read_with, refused};
use crate::data::DataError;
use crate::data::table::{LabelSource, Table, TableOptions};
use crate::npy::{Header, Kind};

fn npy(bytes: &[u8]) -> Result<Table, DataError> {
    read_with("t.npy", bytes, &TableOptions::default())
}

#[test]
fn arrays_of_every_kind_are_read() {
    let expected = [1, 0, 0, 1, 1, 1].map(|bit| 255 * bit);
    let numbers = [1_u8, 0, 0, 1, 1, 1];
    let wide =
        |bytes: fn(u8) -> Vec<u8>| -> Vec<u8> { numbers.into_iter().flat_map(bytes).collect() };
    for (kind, size, data) in [
        (Kind::Bool, 1, numbers.to_vec()),
        (Kind::Unsigned, 1, numbers.to_vec()),
        (
            Kind::Signed,
            8,
            wide(|x| i64::from(x).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            2,
            wide(|x| (u16::from(x) * 0x3c00).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            4,
            wide(|x| f32::from(x).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            8,
            wide(|x| f64::from(x).to_le_bytes().to_vec()),
        ),
    ] {
        let table = npy(&array(kind, size, &[2, 3], &data)).unwrap();
        assert_eq!(
            (table.picture, entries(&table)),
            ((1, 3), expected.to_vec()),
            "{kind:?}"
        );
    }
    let of = |big_endian, fortran_order, kind, size, data: &[u8]| {
        let header = Header {
            big_endian,
            fortran_order,
            ..Header::c_order(kind, size, &[2, 3])
        };
        npy(&[&header.to_bytes()[..], data].concat()).unwrap()
    };
    let big = wide(|x| i16::from(x).to_be_bytes().to_vec());
    assert_eq!(entries(&of(true, false, Kind::Signed, 2, &big)), expected);
    assert_eq!(
        entries(&of(false, true, Kind::Unsigned, 1, &[1, 1, 0, 1, 0, 1])),
        expected
    );
    for shape in [&[1, 3, 2][..], &[1, 3, 2, 1], &[1, 1, 3, 2]] {
        let table = npy(&array(Kind::Unsigned, 1, shape, &numbers)).unwrap();
        assert_eq!((table.picture, table.count()), ((3, 2), 1));
    }
    let floats = [1.0, f64::NAN, -1.0, 1.0].map(f64::to_le_bytes).concat();
    let table = npy(&array(Kind::Float, 8, &[2, 2], &floats)).unwrap();
    assert_eq!(entries(&table), [255, -1, 0, 255]);
    assert_eq!(table.known(), Some(&[1, 3][..]));
    let grey = npy(&array(Kind::Unsigned, 1, &[2, 1, 2], &[0, 16, 3, 5])).unwrap();
    assert_eq!(
        (entries(&grey), grey.range.unwrap().white()),
        (vec![0, 255, 48, 80], 16.0)
    );
}

/// Case 31 and its kind.
#[test]
fn what_is_wrong_with_an_array_is_named() {
    let ones = [1; 6];
    let u1 = |shape: &[usize], data: &[u8]| array(Kind::Unsigned, 1, shape, data);
    let with_shape = |shape: &str| {
        let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat()
    };
    for (bytes, words) in [
        (vec![], "NumPy"),
        (b"no array, but some text".to_vec(), "NumPy"),
        (u1(&[2, 3], &ones)[..20].to_vec(), "NumPy"),
        (u1(&[2, 3], &ones[..5]), "cut short"),
        (u1(&[2, 3], &[1; 7]), "more"),
        (u1(&[6], &ones), "2 axes"),
        (u1(&[1, 2, 3, 1, 1], &ones), "2 axes"),
        (u1(&[0, 3], &[]), "1 to 536870912 entries"),
        (u1(&[99_999_999, 99_999], &ones), "1 to 536870912 entries"),
        (u1(&[20_000, 20_000], &ones), "cut short"),
        (
            u1(&[2, 3], &[1, 1, 1, 1, 2, 1]),
            "row 1, element 1 (from 0): expected 0 or 1",
        ),
        (
            array(Kind::Float, 4, &[1, 1], &f32::INFINITY.to_le_bytes()),
            "finite",
        ),
        (with_shape(&"\0".repeat(24)), "the size of an axis"),
        (with_shape("9223372036854775807, 2, 3"), "fits in memory"),
    ] {
        refused(npy(&bytes), &["t.npy: ", words]);
    }
    let mut options = TableOptions {
        header: Some(true),
        ..TableOptions::default()
    };
    refused(
        read_with("t.npy", &u1(&[2, 3], &ones), &options),
        &["options.header"],
    );
    options.header = None;
    options.labels = LabelSource::named("y");
    refused(
        read_with("t.npy", &u1(&[2, 3], &ones), &options),
        &["options.labels", "'y'"],
    );
}

#[test]
fn an_archive_holds_one_array_or_its_name_is_asked_for() {
    let archive = |arrays: &[(&str, &[u8])], method| {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for (name, data) in arrays {
            writer.start_file(*name, options).unwrap();
            writer
                .write_all(&array(Kind::Unsigned, 1, &[1, 3], data))
                .unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let [x, y] = [[1, 0, 1], [0, 0, 1]];
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        let (_one, only) = file("t.npz", &archive(&[("x.npy", &x), ("readme", &y)], method));
        let options = TableOptions::default();
        assert_eq!(
            entries(&Table::read(&only, &options).unwrap()),
            [255, 0, 255]
        );
        let (_two, both) = file(
            "t.npz",
            &archive(&[("x.npy", &x), ("y\u{1b}.npy", &y)], method),
        );
        refused(
            Table::read(&both, &options),
            &["found x, y\\u{1b}", "t.npz:NAME"],
        );
        let named =
            |name: &str| Table::read(&both.with_file_name(format!("t.npz:{name}")), &options);
        assert_eq!(entries(&named("y\u{1b}").unwrap()), [0, 0, 255]);
        refused(named("z"), &["one of its arrays x, y", "'z'"]);
        let whole = fs::read(&both).unwrap();
        refused(
            read_with("t.npz", &whole[..whole.len() - 30], &options),
            &["ZIP"],
        );
    }
    refused(
        read_with("t.npz", b"text", &TableOptions::default()),
        &["NumPy"],
    );
}
