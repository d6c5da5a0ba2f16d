use super::*;

fn file(header: &str) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}

fn read(header: &str) -> Result<Header, NpyError> {
    Header::read(&mut file(header).as_slice())
}

#[test]
fn headers_of_numpy_are_read() {
    let expected = Header {
        kind: Kind::Signed,
        size: 4,
        big_endian: true,
        fortran_order: true,
        shape: vec![2, 3],
    };
    for text in [
        "{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }          \n",
        "{'shape': (2L, 3L), 'fortran_order': True, 'descr': '>i4'}",
        "{ \"descr\" : \">i4\",'fortran_order':True,'shape':(2,3,)}\n",
    ] {
        assert_eq!(read(text).unwrap(), expected, "{text}");
    }
    for (shape, sizes) in [("()", vec![]), ("(5,)", vec![5]), ("(0, 7)", vec![0, 7])] {
        let text = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': {shape}, }}");
        assert_eq!(read(&text).unwrap().shape, sizes);
    }
    for version in [2, 3] {
        let text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)}";
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0, text.len() as u8, 0, 0, 0]);
        bytes.extend(text);
        assert_eq!(Header::read(&mut bytes.as_slice()).unwrap().count(), 1);
    }
}

/// Each message is one short line of printable characters.
#[test]
fn what_is_wrong_with_a_header_is_named() {
    let whole = |descr: &str, order: &str, shape: &str| {
        format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}")
    };
    let nul = "\0".repeat(500);
    for (text, words) in [
        (
            whole("'<i8'", "False", &format!("({nul}")),
            "the size of an axis",
        ),
        (
            whole("'<i8'", "False", "(9223372036854775807, 2, 3)"),
            "fits in memory",
        ),
        (
            whole("'<i8'", "False", "(0, 9223372036854775807, 3)"),
            "fits in memory",
        ),
        (
            whole("'<i8'", "False", "(99999999999999999999999, 2)"),
            "the size of an axis",
        ),
        (whole("'<i8'", "False", "(-1, 2)"), "the size of an axis"),
        (whole("'<i8'", "False", "(1.5, 2)"), "a comma"),
        (whole("'<i8'", "False", "(5)"), "a comma in the shape"),
        (whole("'<i8'", "False", "[2, 3]"), "a shape in parentheses"),
        (
            whole("'<i8'", "False", &format!("({})", "1, ".repeat(65))),
            "64 axes",
        ),
        (whole("'<i8'", "0", "(2, 3)"), "True or False"),
        (whole("'<c8'", "False", "(2, 3)"), "type `<c8`"),
        (whole("'|O'", "False", "(2, 3)"), "type `|O`"),
        (whole("'<f16'", "False", "(2, 3)"), "type `<f16`"),
        (whole("'<b8'", "False", "(2, 3)"), "type `<b8`"),
        (
            whole("'<U\u{1b}[2J9'", "False", "(2, 3)"),
            "type `<U\\x1b[2J9`",
        ),
        (whole("[('a', '<f4')]", "False", "(2, 3)"), "named fields"),
        (whole("'<i8'", "False", "(2, 3)") + "x", "nothing after"),
        ("{'descr': '<i8'}".into(), "'fortran_order'"),
        ("{'fortran_order': True, 'shape': (1,)}".into(), "'descr'"),
        ("{'descr': '<i8', 'fortran_order': True}".into(), "'shape'"),
        ("{'descr': '<i8', 'descr': '<i8'}".into(), "each key once"),
        ("{'other': 3}".into(), "alone"),
        ("{'descr".into(), "a key"),
        (String::new(), "a dictionary"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
        assert!(
            error.len() < 120 && !error.contains(char::is_control),
            "{error}"
        );
    }
    let whole = file(&whole("'<i8'", "False", "(2, 3)"));
    for length in 0..whole.len() {
        let error = Header::read(&mut &whole[..length]).unwrap_err();
        let is_cut = matches!(error, NpyError::CutShort { .. });
        assert_eq!(is_cut, length >= MAGIC.len(), "{length}: {error}");
    }
    let versions = [4, 255].map(|version| [&MAGIC[..], &[version, 0]].concat());
    for bytes in versions {
        let error = Header::read(&mut bytes.as_slice());
        assert!(matches!(error, Err(NpyError::Version(_))));
    }
    let long = [&MAGIC[..], &[2, 0, 255, 255, 255, 255]].concat();
    let error = Header::read(&mut long.as_slice());
    assert!(matches!(error, Err(NpyError::TooLong(0xffff_ffff))));
}

#[test]
fn elements_of_every_type_have_their_values() {
    let header = |kind, big_endian| Header {
        big_endian,
        ..Header::c_order(kind, 0, &[])
    };
    for number in [-128_i64, -1, 0, 1, 100] {
        let signed = |bytes: &[u8], big| header(Kind::Signed, big).value(bytes);
        let (n, expected) = (number, number as f64);
        assert_eq!(signed(&(n as i8).to_le_bytes(), false), expected);
        assert_eq!(signed(&(n as i16).to_be_bytes(), true), expected);
        assert_eq!(signed(&(n as i32).to_le_bytes(), false), expected);
        assert_eq!(signed(&n.to_be_bytes(), true), expected);
    }
    let unsigned = header(Kind::Unsigned, false);
    assert_eq!(unsigned.value(&[255]), 255.0);
    assert_eq!(unsigned.value(&u64::MAX.to_le_bytes()), 2.0_f64.powi(64));
    assert_eq!(header(Kind::Bool, false).value(&[2]), 1.0);
    assert_eq!(
        header(Kind::Float, true).value(&0.25_f32.to_be_bytes()),
        0.25
    );
    assert_eq!(
        header(Kind::Float, false).value(&(-0.1_f64).to_le_bytes()),
        -0.1
    );
}

/// The values are those of IEEE 754-2019, table 3.5.
#[test]
fn half_precision_is_exact() {
    for (bits, value) in [
        (0x0000, 0.0),
        (0x0001, 5.960_464_477_539_063e-8),
        (0x03ff, 6.097_555_160_522_461e-5),
        (0x0400, 6.103_515_625e-5),
        (0x3555, 0.333_251_953_125),
        (0x3c00, 1.0),
        (0xc000, -2.0),
        (0x7bff, 65_504.0),
        (0x7c00, f64::INFINITY),
        (0xfc00, f64::NEG_INFINITY),
    ] {
        assert_eq!(half(bits), value, "{bits:04x}");
    }
    assert!(half(0x7e00).is_nan() && half(0xfc01).is_nan());
}

/// NumPy reads what is written here: the header is aligned, ends in a newline and is read back.
#[test]
fn files_that_are_written_are_read_back() {
    for shape in [&[][..], &[3], &[2, 3], &[100_000, 28, 28]] {
        let header = Header::c_order(Kind::Float, 4, shape);
        let bytes = header.to_bytes();
        assert_eq!((bytes.len() % 64, bytes.last()), (0, Some(&b'\n')));
        assert_eq!(Header::read(&mut bytes.as_slice()).unwrap(), header);
    }
    let bytes = of_floats(&[1, 2], &[0.5, -1.0]);
    assert!(bytes.ends_with(&[0, 0, 0, 63, 0, 0, 128, 191]));
    assert!(of_bytes(&[2], &[7, 9]).ends_with(&[7, 9]));
}
