//! Writes the blobs that libFuzzer begins with into a folder: `seeds FOLDER`.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(
        env::args_os()
            .nth(1)
            .unwrap_or_else(|| "corpus/blob".into()),
    );
    fs::create_dir_all(&folder)?;
    for (number, seed) in bitspin_fuzz::seeds().iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}.bsp")), seed)?;
    }
    Ok(())
}
