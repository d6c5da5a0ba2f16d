//! Files that a command writes: their format by the ending of their name, and their description in the output.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::display::shown;
use bitspin::output::OutputFile;
use serde::Serialize;

use super::CommandError;
use crate::cli::Replace;

/// The formats of files that commands write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    Png,
    Svg,
    Npy,
    Csv,
    Txt,
    Safetensors,
    Bsp,
    Rs,
    Bin,
}

impl Form {
    const ALL: [Self; 9] = [
        Self::Png,
        Self::Svg,
        Self::Npy,
        Self::Csv,
        Self::Txt,
        Self::Safetensors,
        Self::Bsp,
        Self::Rs,
        Self::Bin,
    ];

    fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Npy => "npy",
            Self::Csv => "csv",
            Self::Txt => "txt",
            Self::Safetensors => "safetensors",
            Self::Bsp => "bsp",
            Self::Rs => "rs",
            Self::Bin => "bin",
        }
    }

    /// The form of those in `known` that a file's name ends in.
    fn find(path: &Path, known: &[Self]) -> Option<Self> {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        let mut known = known.iter().copied();
        known.find(|form| form.ending().eq_ignore_ascii_case(ending))
    }

    /// The format that the name of a file asks for, of those in `known`.
    ///
    /// # Errors
    /// A usage error that names the option, the endings that are known, and the file.
    pub(crate) fn of(option: &str, path: &Path, known: &[Self]) -> Result<Self, CommandError> {
        if let Some(form) = Self::find(path, known) {
            return Ok(form);
        }
        let endings: Vec<_> = known
            .iter()
            .map(|form| format!(".{}", form.ending()))
            .collect();
        let endings = match endings.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => endings.concat(),
        };
        Err(CommandError::usage(format!(
            "{option}: expected a name that ends in {endings}, not {}",
            shown(path)
        )))
    }

    /// The same for a file that may be left out.
    ///
    /// # Errors
    /// As [`Form::of`].
    pub(crate) fn check(
        option: &str,
        path: Option<&PathBuf>,
        known: &[Self],
    ) -> Result<(), CommandError> {
        path.map_or(Ok(()), |path| Self::of(option, path, known).map(|_| ()))
    }

    /// The format as one of arrays.
    pub(crate) fn array(self) -> Option<ArrayFormat> {
        match self {
            Self::Npy => Some(ArrayFormat::Npy),
            Self::Csv => Some(ArrayFormat::Csv),
            _ => None,
        }
    }
}

impl Replace {
    /// Makes sure that a file can be written, if one was asked for.
    ///
    /// # Errors
    /// As [`OutputFile::create`].
    pub(crate) fn file(&self, path: Option<&Path>) -> Result<Option<OutputFile>, CommandError> {
        let file = path.map(|path| OutputFile::create(path, self.force));
        Ok(file.transpose()?)
    }
}

/// Description of a file that was written.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Written {
    #[serde(serialize_with = "as_text")]
    path: PathBuf,
    format: Form,
    #[serde(skip_serializing_if = "Option::is_none")]
    dtype: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<usize>>,
    /// Names along the last axis, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<String>>,
}

/// A path as text, also one that is not UTF-8.
fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&shown(path), serializer)
}

impl Written {
    /// A file that is no array.
    pub(crate) fn new(path: &Path, format: Form) -> Self {
        Self {
            path: path.to_owned(),
            format,
            dtype: None,
            shape: None,
            columns: None,
        }
    }

    /// A file whose name says what it is; an edge list where it ends in nothing that is known.
    pub(crate) fn named(path: &Path) -> Self {
        Self::new(path, Form::find(path, &Form::ALL).unwrap_or(Form::Txt))
    }

    /// Files in a directory.
    pub(crate) fn in_directory(directory: &Path, names: &[&str]) -> Vec<Self> {
        let names = names.iter().map(|name| directory.join(name));
        names.map(|path| Self::named(&path)).collect()
    }

    /// An array in a file.
    pub(crate) fn array(path: &Path, format: Form, file: &ArrayFile) -> Self {
        Self::new(path, format).with_shape(file.dtype(), file.shape())
    }

    /// The same with the type and the shape of its numbers.
    pub(crate) fn with_shape(self, dtype: &'static str, shape: &[usize]) -> Self {
        Self {
            dtype: Some(dtype),
            shape: Some(shape.to_vec()),
            ..self
        }
    }

    /// The same with the names of its columns.
    pub(crate) fn with_columns(self, columns: Vec<String>) -> Self {
        let columns = Some(columns);
        Self { columns, ..self }
    }

    /// Whether it is a picture.
    pub(crate) fn is_picture(&self) -> bool {
        self.format == Form::Png
    }

    /// The path and what the file holds, in words.
    pub(crate) fn line(&self, what: &str) -> String {
        format!("{}: {what}, {}", shown(&self.path), self.words())
    }

    /// The shape and type in words: `float32 [20, 3]`.
    pub(crate) fn words(&self) -> String {
        match (self.dtype, &self.shape) {
            (Some(dtype), Some(shape)) => format!("{dtype} {shape:?}"),
            _ => self.format.ending().to_uppercase(),
        }
    }
}

/// Names for the columns of an array: `v1`, `v2` and so on.
pub(crate) fn numbered(letter: char, count: usize) -> Vec<String> {
    (1..=count).map(|at| format!("{letter}{at}")).collect()
}
