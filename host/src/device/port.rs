//! Serial ports and sockets.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

use super::DeviceProblem;

/// How long one attempt to read waits. Short, so that a deadline is kept.
const READ: Duration = Duration::from_millis(20);

/// A connection to a board, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// A serial port: `/dev/ttyACM0`, `COM3`.
    Serial(String),
    /// A TCP socket: host and port.
    Tcp(String),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial(path) => f.write_str(path),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("expected a serial port such as /dev/ttyACM0, or tcp:HOST:PORT, not '{text}'")
        };
        match text.strip_prefix("tcp:") {
            None if text.is_empty() => Err(expected()),
            None => Ok(Self::Serial(text.into())),
            Some(address) => match address.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                    Ok(Self::Tcp(address.into()))
                }
                _ => Err(expected()),
            },
        }
    }
}

/// An open connection to a board. Reading waits a short time at most, and then fails with
/// [`TimedOut`](io::ErrorKind::TimedOut) or [`WouldBlock`](io::ErrorKind::WouldBlock).
pub trait Link: Read + Write + Send {}

impl<T: Read + Write + Send + ?Sized> Link for T {}

impl Port {
    /// Opens the port. `baud` is for serial ports; `patience` is the longest that connecting and writing may take.
    ///
    /// # Errors
    /// [`DeviceProblem::Open`] with what the system says.
    pub fn open(&self, baud: u32, patience: Duration) -> Result<Box<dyn Link>, DeviceProblem> {
        match self {
            #[cfg(not(feature = "cli"))]
            Self::Serial(_) => {
                let _ = baud;
                Err(DeviceProblem::Open(
                    "built without serial ports (feature `cli`)".into(),
                ))
            }
            #[cfg(feature = "cli")]
            Self::Serial(path) => {
                let opened = serialport::new(path, baud).timeout(READ).open();
                let port = opened.map_err(|error| DeviceProblem::Open(error.to_string()))?;
                Ok(Box::new(port))
            }
            Self::Tcp(address) => {
                let stream = connect(address, patience)
                    .map_err(|error| DeviceProblem::Open(error.to_string()))?;
                Ok(Box::new(stream))
            }
        }
    }
}

fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no such host");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(READ))?;
                stream.set_write_timeout(Some(patience))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_apart_and_others_refused() {
        for (text, port) in [
            ("/dev/ttyACM0", Port::Serial("/dev/ttyACM0".into())),
            ("COM3", Port::Serial("COM3".into())),
            ("tcp:localhost:5555", Port::Tcp("localhost:5555".into())),
            ("tcp:[::1]:80", Port::Tcp("[::1]:80".into())),
        ] {
            assert_eq!(text.parse(), Ok(port.clone()));
            assert_eq!(port.to_string(), text);
        }
        for wrong in [
            "",
            "tcp:",
            "tcp:host",
            "tcp:host:",
            "tcp::5",
            "tcp:host:99999",
        ] {
            assert!(wrong.parse::<Port>().is_err(), "{wrong}");
        }
    }
}
