//! Checks for memory before the work starts.

use super::CommandError;

/// Refuses `count` of something that take `each` bytes each, if the system has no room for them. `what` names them. The
/// room is asked for in one piece and given back, so that a limit on the process counts, and work that needs a little
/// more than is counted here may still fail later.
///
/// # Errors
/// The bytes that are missing: a failure (exit code 1), because the same command may succeed elsewhere.
pub(crate) fn ensure(what: &str, count: usize, each: usize) -> Result<(), CommandError> {
    let bytes = count.checked_mul(each);
    let room = |bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    if bytes.is_some_and(room) {
        return Ok(());
    }
    let bytes = bytes.map_or("more than 2^64".to_string(), |bytes| bytes.to_string());
    Err(CommandError::failed(format_args!(
        "not enough memory for {what}: about {bytes} bytes are needed"
    )))
}
