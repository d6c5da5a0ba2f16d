//! Readers of files. They are given files, as by a user, where they take nothing else.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bitspin::BitMatrix;
use bitspin::data::{self, Binarisation, Holdout, Pictures, Table, TableOptions};
use bitspin::engine::engine;
use bitspin::ising::file::{Reading, Source, parse};
use bitspin::model_file::{IsingFile, LabelledFile, LabelledParameters, RbmFile, RbmParameters};
use bitspin_core::rng::Purpose;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// Units beyond which a model is not made, which would take its time and show nothing more.
const MOST_UNITS: usize = 1 << 10;

/// Where files are written: a file system in memory, if there is one.
static PLACE: LazyLock<TempDir> = LazyLock::new(|| {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a directory can be made")
});

/// A file of these bytes, whose name ends so.
fn file(ending: &str, bytes: &[u8]) -> PathBuf {
    let path = PLACE
        .path()
        .join(format!("{}.{ending}", std::process::id()));
    fs::write(&path, bytes).expect("a file can be written");
    path
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// Every message is one line, whatever a file holds.
fn one_line(error: impl std::fmt::Display) {
    let text = error.to_string();
    assert!(!text.contains(['\n', '\r', '\0', '\u{1b}']), "{text:?}");
}

/// Reads images and labels.
///
/// # Panics
/// If a reader does, or says what is not so.
pub fn idx(bytes: &[u8]) {
    let path = Path::new("fuzz.idx");
    match data::images_from_bytes(bytes, path) {
        Ok(images) => {
            assert_eq!(
                images.pixels().len(),
                images.count() * images.pixels_per_image()
            );
            let _ = images.halved();
        }
        Err(error) => one_line(error),
    }
    if let Err(error) = data::labels_from_bytes(bytes, path) {
        one_line(error);
    }
}

/// Small sets of images and labels, raw and packed.
#[must_use]
pub fn idx_seeds() -> Vec<Vec<u8>> {
    let header = |kind: u8, sizes: &[u32]| {
        let mut bytes = vec![0, 0, kind, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes
    };
    let images = [
        header(8, &[2, 2, 3]),
        vec![0, 9, 255, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ]
    .concat();
    let labels = [header(8, &[3]), vec![0, 9, 255]].concat();
    let wide = [header(0x0c, &[2]), vec![0, 0, 0, 1, 0, 0, 0, 2]].concat();
    let halves = [0.5_f32, 0.0, 1.0, 0.25];
    let floats = halves.into_iter().flat_map(f32::to_be_bytes).collect();
    let real = [header(0x0d, &[1, 2, 2]), floats].concat();
    let all = [images, labels, wide, real];
    all.iter()
        .cloned()
        .chain(all.iter().map(|bytes| packed(bytes)))
        .collect()
}

fn table(ending: &str, bytes: &[u8]) {
    let path = file(ending, bytes);
    for header in [None, Some(true), Some(false)] {
        let options = TableOptions {
            header,
            ..TableOptions::default()
        };
        match Table::read(&path, &options) {
            Ok(table) => dataset(table),
            Err(error) => one_line(error),
        }
    }
}

fn dataset(table: Table) {
    let (units, count) = (table.units(), table.count());
    assert_eq!(table.levels().len(), units * count);
    if let Some(known) = table.known() {
        assert_eq!(known.len(), units.div_ceil(64) * count);
        let _ = table.entry(count - 1, units - 1);
    }
    if let Ok(data) = table.into_dataset(Holdout::default()) {
        let images = &data.train.images;
        if images.pixels_per_image() <= MOST_UNITS {
            let _ = BitMatrix::binarise(images, Binarisation::Stochastic, 1, Purpose::Evaluation);
        }
    }
}

/// Reads a table of text.
///
/// # Panics
/// If a reader does, or says what is not so.
pub fn csv(bytes: &[u8]) {
    table("csv", bytes);
}

/// Tables with and without names, labels and missing entries.
#[must_use]
pub fn csv_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "1,0\n0,1\n1,1\n",
        "a,b,label\n1,0,3\n?,1,4\n,NaN,0\n",
        "user;x;\"y z\"\nann;1;0\nbob;0;1\n",
        "\u{feff}1\t0.0\r\n-1\ttrue\r\n",
        "0.5,0.25\n1,0\n",
        "\"a\nb\",1\n\"\",0\n",
    ];
    let plain = texts.map(|text| text.as_bytes().to_vec());
    plain.iter().cloned().chain([packed(&plain[0])]).collect()
}

/// Reads an array of NumPy.
///
/// # Panics
/// If a reader does, or says what is not so.
pub fn npy(bytes: &[u8]) {
    table("npy", bytes);
}

/// Arrays of several types, orders and shapes.
#[must_use]
pub fn npy_seeds() -> Vec<Vec<u8>> {
    let array = |kind: &str, order: &str, shape: &str, values: &[u8]| {
        let text = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}");
        let text = format!("{text:<117}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend(values);
        bytes
    };
    let floats = [1.0_f32, 0.0, f32::NAN, 1.0].map(f32::to_le_bytes).concat();
    let doubles = [1.0_f64, 0.0, 0.5, 1.0].map(f64::to_be_bytes).concat();
    vec![
        array("|u1", "False", "(3, 2)", &[0, 1, 1, 1, 0, 0]),
        array("|b1", "True", "(3, 2)", &[0, 1, 1, 1, 0, 0]),
        array("|u1", "False", "(2, 2, 2)", &[0, 9, 255, 3, 4, 5, 6, 7]),
        array("<f4", "False", "(2, 2)", &floats),
        array(">f8", "False", "(2, 2)", &doubles),
        array("<i2", "False", "(2, 1)", &[1, 0, 0, 0]),
    ]
}

/// Reads models of every kind.
///
/// # Panics
/// If a reader does, or a model that was read cannot be written again.
pub fn safetensors(bytes: &[u8]) {
    match RbmFile::from_bytes(bytes) {
        Ok(file) => {
            let again = file.to_bytes().expect("what was read can be written");
            assert_eq!(
                RbmFile::from_bytes(&again).expect("and read").parameters,
                file.parameters
            );
            if file.parameters.w.len() <= MOST_UNITS {
                let _ = engine(&file.parameters);
            }
        }
        Err(problem) => one_line(problem),
    }
    match LabelledFile::from_bytes(bytes) {
        Ok(Some(file)) => assert!(file.to_bytes().is_ok()),
        Ok(None) => {}
        Err(problem) => one_line(problem),
    }
    for symmetrise in [false, true] {
        match IsingFile::from_bytes(bytes, symmetrise) {
            Ok(file) => assert!(file.to_bytes().is_ok()),
            Err(problem) => one_line(problem),
        }
    }
}

/// Models of every kind.
///
/// # Panics
/// If a valid model cannot be written.
#[must_use]
pub fn safetensors_seeds() -> Vec<Vec<u8>> {
    let parameters = RbmParameters {
        visible: 3,
        hidden: 2,
        w: vec![0.5, -1.0, 0.0, 2.0, 1.5, -0.25],
        visible_bias: vec![0.1; 3],
        hidden_bias: vec![-0.1; 2],
    };
    let metadata = || [("run".to_string(), "7".to_string())].into();
    let labelled = LabelledFile {
        parameters: LabelledParameters::new(&parameters, 2),
        metadata: metadata(),
    };
    let rbm = RbmFile {
        parameters,
        metadata: metadata(),
    };
    let ising = IsingFile {
        w: vec![0.0, 1.0, 1.0, 0.0],
        h: vec![0.5, -0.5],
        metadata: metadata(),
    };
    // Half precision, under the names of scikit-learn.
    let header = r#"{"components_":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"intercept_hidden_":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},"intercept_visible_":{"dtype":"F64","shape":[2],"data_offsets":[6,22]}}"#;
    let mut foreign = (header.len() as u64).to_le_bytes().to_vec();
    foreign.extend(header.as_bytes());
    foreign.extend([0; 22]);
    let own = [rbm.to_bytes(), labelled.to_bytes(), ising.to_bytes()];
    own.into_iter()
        .map(|bytes| bytes.expect("a valid model"))
        .chain([foreign])
        .collect()
}

/// Reads a graph in any of the formats of text.
///
/// # Panics
/// If a reader does, or a model that was read has no energy.
pub fn graph(bytes: &[u8]) {
    match parse(bytes, Reading::default()) {
        Ok(Source { couplings, .. }) => {
            let units = couplings.units();
            if units <= MOST_UNITS {
                let _ = couplings.energy(&vec![u64::MAX; units.div_ceil(64)]);
                let _ = (couplings.typical_field(), couplings.to_edge_list());
            }
        }
        Err((_, reason)) => one_line(reason),
    }
}

/// A graph in each format.
#[must_use]
pub fn graph_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "3 2\n1 2 1\n2 3 -1.5\n",
        "\u{feff}# a comment\n3 3\n1 2\n1 3 2e0\n2 3 1\n",
        "%%MatrixMarket matrix coordinate real symmetric\n% c\n3 3 2\n2 1 1.5\n3 2 -1\n",
        "c a comment\np qubo 0 3 2 1\n0 0 1\n1 1 -2\n0 1 3.5\n",
        "c a comment\np edge 3 2\ne 1 2\ne 2 3\n",
        "0 1 1.5\n1 2 -1\n0 0 0.25\n",
        "0,1,1\n1,2,1\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// Reads a picture, of either format.
///
/// # Panics
/// If a reader does, or says what is not so.
pub fn picture(bytes: &[u8]) {
    let ending = if bytes.starts_with(&[0xff, 0xd8]) {
        "jpg"
    } else {
        "png"
    };
    match Pictures::read(&[file(ending, bytes)]) {
        Ok(pictures) => assert_eq!(pictures.images.count(), 1),
        Err(error) => one_line(error),
    }
}

/// Small pictures of several colour types.
///
/// # Panics
/// If a valid picture cannot be written.
#[must_use]
pub fn picture_seeds() -> Vec<Vec<u8>> {
    let picture = |colour: png::ColorType, depth: png::BitDepth, data: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 4, 2);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == png::ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
        }
        let mut writer = encoder.write_header().expect("a vector takes all");
        writer.write_image_data(data).expect("a vector takes all");
        writer.finish().expect("a vector takes all");
        bytes
    };
    use png::{BitDepth, ColorType};
    vec![
        picture(ColorType::Grayscale, BitDepth::Eight, &[7; 8]),
        picture(ColorType::Grayscale, BitDepth::One, &[0x50, 0xa0]),
        picture(ColorType::Grayscale, BitDepth::Sixteen, &[7; 16]),
        picture(ColorType::Rgb, BitDepth::Eight, &[9; 24]),
        picture(ColorType::Rgba, BitDepth::Eight, &[200; 32]),
        picture(ColorType::Indexed, BitDepth::One, &[0x50, 0xa0]),
    ]
}
