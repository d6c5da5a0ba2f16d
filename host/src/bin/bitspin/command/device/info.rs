//! `bitspin device info`.

use bitspin::device::Board;
use bitspin_protocol::Weights;
use serde_json::{Value, json};

use super::{CommandError, open, print, print_json};
use crate::cli::{Device, DeviceInfo};

/// Reads and prints the board's information.
pub(super) fn run(options: &Device, info: &DeviceInfo) -> Result<(), CommandError> {
    let device = open(options)?;
    let board = device.info();
    if info.json {
        print_json(&value(board));
    } else {
        print(table(options, board).trim_end());
    }
    Ok(())
}

fn weights(weights: Weights) -> &'static str {
    match weights {
        Weights::I16 => "i16",
        Weights::I8 => "i8",
        Weights::I4 => "i4",
        Weights::Ternary => "ternary",
        Weights::Sign => "sign",
    }
}

fn nats(fixed: i64) -> f64 {
    fixed as f64 / 65_536.0
}

fn table(options: &Device, board: &Board) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "{}: {}, protocol version {}\n",
        options.port, board.board, board.version
    );
    let _ = match board.memory {
        Some(memory) => writeln!(
            text,
            "memory: {} patterns of {} units, {} of them stored since the start, room for {}, CRC-32 {:#010x}",
            memory.patterns,
            memory.units,
            memory.patterns.saturating_sub(memory.fixed),
            memory.room,
            memory.crc
        ),
        None => writeln!(text, "memory: none"),
    };
    let _ = match board.rbm {
        Some(rbm) => writeln!(
            text,
            "RBM: {} visible and {} hidden units, weights {}, CRC-32 {:#010x}; an anomaly is above {:.3} nats",
            rbm.visible,
            rbm.hidden,
            weights(rbm.weights),
            rbm.crc,
            nats(rbm.threshold)
        ),
        None => writeln!(text, "RBM: none"),
    };
    let _ = match board.ising {
        Some(ising) => writeln!(
            text,
            "Ising model: {} spins, couplings {}, {} fraction bits, CRC-32 {:#010x}",
            ising.units,
            weights(ising.weights),
            ising.fraction_bits,
            ising.crc
        ),
        None => writeln!(text, "Ising model: none"),
    };
    let _ = match board.classifier {
        Some(classifier) => writeln!(
            text,
            "classifier: {} classes of {} pixels, {} hidden units, weights {}, CRC-32 {:#010x}; an anomaly is above {:.3} nats",
            classifier.classes,
            classifier.pixels,
            classifier.hidden,
            weights(classifier.weights),
            classifier.crc,
            nats(classifier.threshold)
        ),
        None => writeln!(text, "classifier: none"),
    };
    let (sizes, counters) = (&board.sizes, &board.counters);
    let known = |bytes: u32| match bytes {
        0 => "?".to_string(),
        _ => bytes.to_string(),
    };
    let _ = writeln!(
        text,
        "flash: {} bytes; RAM: {} bytes; stack: {} of {} bytes used",
        known(sizes.flash),
        known(sizes.ram),
        known(sizes.stack),
        known(sizes.stack_room)
    );
    let _ = writeln!(
        text,
        "since the start: {} bytes received, {} requests executed, {} refused; {} damaged frames, {} too long, {} overruns",
        counters.bytes,
        counters.requests,
        counters.refused,
        counters.damaged,
        counters.overlong,
        counters.overruns
    );
    text
}

fn value(board: &Board) -> Value {
    let memory = board.memory.map(|memory| {
        json!({
            "units": memory.units, "patterns": memory.patterns, "fixed": memory.fixed, "room": memory.room,
            "crc": format!("{:#010x}", memory.crc),
        })
    });
    let rbm = board.rbm.map(|rbm| {
        json!({
            "visible": rbm.visible, "hidden": rbm.hidden, "weights": weights(rbm.weights),
            "threshold_nats": nats(rbm.threshold), "crc": format!("{:#010x}", rbm.crc),
        })
    });
    let ising = board.ising.map(|ising| {
        json!({
            "units": ising.units, "weights": weights(ising.weights), "fraction_bits": ising.fraction_bits,
            "crc": format!("{:#010x}", ising.crc),
        })
    });
    let classifier = board.classifier.map(|classifier| {
        json!({
            "pixels": classifier.pixels, "classes": classifier.classes, "hidden": classifier.hidden,
            "weights": weights(classifier.weights), "threshold_nats": nats(classifier.threshold),
            "crc": format!("{:#010x}", classifier.crc),
        })
    });
    let (sizes, counters) = (&board.sizes, &board.counters);
    json!({
        "board": board.board, "protocol": board.version, "unit": board.unit, "memory": memory, "rbm": rbm,
        "ising": ising, "classifier": classifier,
        "sizes": {
            "flash": sizes.flash, "ram": sizes.ram, "stack": sizes.stack, "stack_room": sizes.stack_room,
        },
        "counters": {
            "bytes": counters.bytes, "requests": counters.requests, "refused": counters.refused,
            "damaged": counters.damaged, "overlong": counters.overlong, "overruns": counters.overruns,
        },
    })
}
