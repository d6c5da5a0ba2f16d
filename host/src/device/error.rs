//! Errors of talking to a board.

use bitspin_protocol::Refusal;

use super::Port;

/// An error of talking to a board. The message is one line that begins with the port.
#[derive(Debug, thiserror::Error)]
#[error("{port}: {problem}")]
pub struct DeviceError {
    /// The port.
    pub port: Port,
    /// What went wrong.
    pub problem: DeviceProblem,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceProblem {
    /// The port could not be opened.
    #[error("cannot be opened: {0}")]
    Open(String),
    /// The port broke down.
    #[error("the connection broke down: {0}")]
    Io(std::io::Error),
    /// The other side hung up.
    #[error("the other side closed the connection")]
    Closed,
    /// Nothing came.
    #[error(
        "no answer within {seconds} s, asked {attempts} times; does a board run `serve` there?"
    )]
    Silent {
        /// Seconds in all.
        seconds: f64,
        /// Times asked.
        attempts: u32,
    },
    /// Bytes came, but none that answer.
    #[error(
        "{bytes} bytes came within {seconds} s, but no answer among them; does a board run `serve` there, at this baud rate?"
    )]
    Garbage {
        /// Bytes that came.
        bytes: u64,
        /// Seconds in all.
        seconds: f64,
    },
    /// The board speaks another version of the protocol.
    #[error(
        "the board speaks version {found} of the protocol where {} was expected",
        bitspin_protocol::VERSION
    )]
    Version {
        /// Its version.
        found: u16,
    },
    /// An answer that does not belong to the request, or is of another version.
    #[error("the board gave an answer that this version does not understand to {0}")]
    Unexpected(&'static str),
    /// The board will not.
    #[error("the board refused {request}: {}", refusal_words(refusal))]
    Refused {
        /// What it was asked for.
        request: &'static str,
        /// Why it will not.
        refusal: Refusal,
    },
    /// What the board sent as its model is none.
    #[error("the board's model is damaged: {0}")]
    Model(bitspin_core::Error),
}

fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown => "it does not know this request".into(),
        Refusal::NoModel => "it has no such model".into(),
        Refusal::Length { expected, found } => {
            format!("it expected a state of {expected} bytes, not {found}")
        }
        Refusal::Tail => "a bit behind the last unit is set".into(),
        Refusal::Full { room } => format!("its memory is full, with {room} patterns"),
        Refusal::OutOfRange { largest } => format!("a number is above {largest}"),
        Refusal::Beta => "its model has no such temperature".into(),
        Refusal::Unsupported => "its program cannot do this".into(),
        _ => "for a reason that this version does not know".into(),
    }
}
