//! The instruction sets that kernels are compiled for, and the one in use.

use core::fmt;
#[cfg(target_arch = "x86_64")]
use core::sync::atomic::{AtomicU8, Ordering};

use crate::Error;

/// An instruction set that kernels are compiled for. All give the same results to the bit, except where a function's
/// documentation states an error bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// What the whole program is compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable = 1,
    /// AVX2, BMI1, BMI2, FMA and POPCNT: Intel's Haswell, AMD's Zen, and later ones.
    Avx2 = 2,
    /// Also AVX-512's F, BW, CD, DQ, VL and VPOPCNTDQ: Intel's Ice Lake, AMD's Zen 4, and later ones.
    Avx512 = 3,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// `sse2`, `avx2` or `avx512`; on other CPUs than x86-64 the first is `portable`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable if cfg!(target_arch = "x86_64") => "sse2",
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The level of a [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The levels that this CPU has, lowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        let detected = detected();
        Self::ALL
            .into_iter()
            .filter(move |&level| level <= detected)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The highest level that this CPU has.
#[must_use]
pub fn detected() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        cpufeatures::new!(has_avx2, "avx2", "bmi1", "bmi2", "fma", "popcnt");
        cpufeatures::new!(
            has_avx512,
            "avx512f",
            "avx512bw",
            "avx512cd",
            "avx512dq",
            "avx512vl",
            "avx512vpopcntdq"
        );
        match (has_avx2::get(), has_avx512::get()) {
            (true, true) => Level::Avx512,
            (true, false) => Level::Avx2,
            (false, _) => Level::Portable,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    Level::Portable
}

/// The environment variable that sets the level in programs with the feature `std`: a [name](Level::name).
#[cfg(feature = "std")]
pub const VARIABLE: &str = "BITSPIN_SIMD";

/// The level that [`VARIABLE`] asks for; `None` where it is not set or empty.
///
/// # Errors
/// [`Error::OutOfRange`] for what is not the name of a level that this CPU has. Kernels then run as if it were not set.
#[cfg(feature = "std")]
pub fn requested() -> Result<Option<Level>, Error> {
    let Some(name) = std::env::var_os(VARIABLE).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let level = name.to_str().and_then(Level::named);
    match level.filter(|&level| level <= detected()) {
        Some(level) => Ok(Some(level)),
        None => Err(Error::OutOfRange {
            what: VARIABLE,
            expected: expected(),
        }),
    }
}

/// The names of the levels that this CPU has.
fn expected() -> &'static str {
    match detected() {
        Level::Portable => Level::Portable.name(),
        Level::Avx2 => "sse2 or avx2",
        Level::Avx512 => "sse2, avx2 or avx512",
    }
}

/// The level in use as a number; 0 before the first kernel runs.
#[cfg(target_arch = "x86_64")]
static LEVEL: AtomicU8 = AtomicU8::new(0);

/// The level that kernels use: the highest that this CPU has, unless something else was asked for by [`set_level`] or,
/// with the feature `std`, by the environment variable `BITSPIN_SIMD` when the first kernel ran.
#[inline]
#[must_use]
pub fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    match LEVEL.load(Ordering::Relaxed) {
        1 => Level::Portable,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => first(),
    }
    #[cfg(not(target_arch = "x86_64"))]
    Level::Portable
}

/// Decides the level once.
#[cfg(target_arch = "x86_64")]
#[cold]
fn first() -> Level {
    #[cfg(feature = "std")]
    let level = requested().ok().flatten().unwrap_or_else(detected);
    #[cfg(not(feature = "std"))]
    let level = detected();
    LEVEL.store(level as u8, Ordering::Relaxed);
    level
}

/// Sets the level of the whole process, for tests and measurements. No result depends on it.
///
/// # Errors
/// [`Error::OutOfRange`] for a level that this CPU does not have.
pub fn set_level(level: Level) -> Result<(), Error> {
    if level > detected() {
        return Err(Error::OutOfRange {
            what: "level",
            expected: expected(),
        });
    }
    #[cfg(target_arch = "x86_64")]
    LEVEL.store(level as u8, Ordering::Relaxed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::PoisonError;

    use super::*;
    use crate::kernel::tests::LEVEL;

    #[test]
    fn levels_have_distinct_names_and_only_those_of_the_cpu_can_be_set() {
        let _guard = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
        for level in Level::ALL {
            assert_eq!(Level::named(level.name()), Some(level));
            assert_eq!(set_level(level).is_ok(), level <= detected());
        }
        assert_eq!(Level::named("avx"), None);
        assert_eq!(Level::available().last(), Some(detected()));
        set_level(detected()).unwrap();
        assert_eq!(level(), detected());
    }
}
