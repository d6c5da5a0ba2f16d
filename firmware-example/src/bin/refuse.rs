//! Damages blobs, and counts how many the reader takes: none.
//!
//! Each of 4,000 times one to four bytes of a small model's blob in RAM are changed, or it is cut, and it is parsed as it is
//! and with its checksum made right. As it is, every one is refused by a typed error; with the right checksum it is refused
//! or is another valid model, which is then used. Ends with exit code 0 if so, with 1 if a damaged blob was taken, with 101 after
//! a panic.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_core::bits::State;
use bitspin_core::blob::{Aligned, Blob, Ising, crc32};
use bitspin_core::hopfield::{PatternMemory, RecallChain};
use bitspin_core::ising::{IsingChain, Model, Temperature, UpdateRule};
use bitspin_core::network::Network;
use bitspin_core::rbm::compact::{CompactLabelled, CompactRbm, RbmChain};
use bitspin_core::rbm::labels;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::report;
use rand_core::Rng;

/// Damaged blobs of each model.
const TIMES: u32 = 1_000;
/// Bytes of the largest of these blobs.
const ROOM: usize = 192;

/// Patterns of 20 units, an RBM of 9 x 5 units with ternary weights without and with label units, and an Ising model of six
/// spins in sparse rows, made by `Blob::write`.
static BLOBS: [&Aligned<[u8]>; 4] = [
    &Aligned(*include_bytes!("../../trials/models/small-patterns.bsp")),
    &Aligned(*include_bytes!("../../trials/models/small-rbm.bsp")),
    &Aligned(*include_bytes!("../../trials/models/small-labelled.bsp")),
    &Aligned(*include_bytes!("../../trials/models/small-ising.bsp")),
];

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    let mut random = Streams::new(1, Purpose::Evaluation).next_stream();
    let (mut taken, mut valid, mut damaged) = (0, 0, 0);
    for blob in BLOBS {
        let original = &blob.0;
        if Blob::parse(original).is_err() || original.len() > ROOM {
            board::exit(2);
        }
        for _ in 0..TIMES {
            let mut buffer = Aligned([0; ROOM]);
            let bytes = &mut buffer.0[..original.len()];
            bytes.copy_from_slice(original);
            let cut = random.next_u32() % 8 == 0;
            for _ in 0..=random.next_u32() % 4 {
                let at = random.next_u32() as usize % bytes.len();
                bytes[at] ^= (random.next_u32() as u8).max(1);
            }
            let len = if cut {
                random.next_u32() as usize % bytes.len()
            } else {
                bytes.len()
            };
            let bytes = &mut bytes[..len];
            if bytes == original {
                continue;
            }
            damaged += 1;
            taken += u32::from(Blob::parse(bytes).is_ok());
            if let Some(end) = bytes.len().checked_sub(4) {
                let crc = crc32(&bytes[..end]).to_le_bytes();
                bytes[end..].copy_from_slice(&crc);
            }
            valid += u32::from(Blob::parse(bytes).is_ok_and(|blob| used(&blob)));
        }
    }
    console.text("damaged: ").number(damaged).line();
    console.text("taken as they were: ").number(taken).line();
    console
        .text("valid with the right checksum: ")
        .number(valid)
        .line();
    report::end(&mut console, u64::from(valid));
    board::exit(u8::from(taken > 0 || valid == 0 || damaged < TIMES))
}

/// Uses a model whose numbers are whatever they have become.
fn used(blob: &Blob<'_>) -> bool {
    match blob {
        Blob::Patterns(memory) if memory.patterns().words() <= 4 => {
            return recall(memory).is_ok();
        }
        Blob::Rbm(rbm) if rbm.fields_len() <= 64 => return sample(rbm).is_ok(),
        Blob::Labelled(model) if model.rbm().fields_len() <= 64 => return classify(model).is_ok(),
        Blob::Ising(model) if model.units() <= 64 => return sweep(model).is_ok(),
        _ => {}
    }
    true
}

fn recall(memory: &PatternMemory<&[u64]>) -> Result<(), Error> {
    let mut state = State::<4>::cleared(memory.units())?;
    (0..memory.units()).for_each(|unit| _ = state.set(unit, true));
    let mut chain = RecallChain::<_, 4, 256>::new(memory, state)?;
    chain.settle(1);
    Ok(())
}

fn sample(model: &CompactRbm<&[u8], &[i16]>) -> Result<(), Error> {
    let rng = Streams::new(2, Purpose::Chains).next_chain();
    RbmChain::<64, 1>::owned(model, rng)?.step();
    Ok(())
}

fn classify(model: &CompactLabelled<&[u8], &[i16]>) -> Result<(), Error> {
    let (mut fields, mut logits) = ([0; 64], [0; 64]);
    let fields = &mut fields[..model.rbm().shape().hidden()];
    let logits = &mut logits[..model.classes()];
    model.logits(&State::<1>::cleared(model.pixels())?, fields, logits)?;
    _ = labels::energy_fixed(logits);
    Ok(())
}

fn sweep(model: &Ising<'_>) -> Result<(), Error> {
    let rng = Streams::new(2, Purpose::Chains).next_chain();
    let mut chain = IsingChain::<_, 64, 1>::owned(model, rng)?;
    chain.sweep(
        UpdateRule::Glauber,
        Temperature::new(8.0, model.fraction_bits())?,
    );
    Ok(())
}
