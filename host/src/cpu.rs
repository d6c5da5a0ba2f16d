//! Whether this machine has the instructions that the program was built with.

/// The first instruction set that the program was built to use and this machine lacks, by the name that
/// `-C target-feature` knows it by. `None` where the program can run.
///
/// It asks the CPU itself: the standard library's detection answers yes to whatever the program was built with. Only
/// sets that a build for one CPU turns on and that compilers make use of unasked are looked at, oldest first. The
/// question is put in plain branches on whole registers, so that asking it needs none of them.
#[inline(never)]
#[must_use]
pub fn first_missing_feature() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        x86::first_missing()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        None
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{__cpuid, __cpuid_count};
    use core::hint::black_box;

    /// Returns from the caller with the name of the first feature that was built in and whose bit is clear.
    macro_rules! require {
        ($register:expr, $($bit:literal => $name:literal),* $(,)?) => {
            let register = black_box($register);
            $(if cfg!(target_feature = $name) && black_box(register & (1 << $bit)) == 0 {
                return Some($name);
            })*
        };
    }

    /// Bits as the manuals of AMD and Intel list them.
    #[inline(never)]
    pub(super) fn first_missing() -> Option<&'static str> {
        let basic = __cpuid(1).ecx;
        require!(basic,
            0 => "sse3", 9 => "ssse3", 19 => "sse4.1", 20 => "sse4.2", 23 => "popcnt", 22 => "movbe", 28 => "avx",
            29 => "f16c", 12 => "fma",
        );
        let extended = __cpuid(0x8000_0001).ecx;
        require!(extended, 5 => "lzcnt", 6 => "sse4a", 21 => "tbm");
        if black_box(__cpuid(0).eax) < 7 {
            return if cfg!(target_feature = "avx2") {
                Some("avx2")
            } else {
                None
            };
        }
        let seventh = __cpuid_count(7, 0);
        require!(seventh.ebx,
            3 => "bmi1", 8 => "bmi2", 5 => "avx2", 19 => "adx", 29 => "sha", 16 => "avx512f", 17 => "avx512dq",
            21 => "avx512ifma", 28 => "avx512cd", 30 => "avx512bw", 31 => "avx512vl",
        );
        require!(seventh.ecx,
            1 => "avx512vbmi", 6 => "avx512vbmi2", 8 => "gfni", 9 => "vaes", 10 => "vpclmulqdq", 11 => "avx512vnni",
            12 => "avx512bitalg", 14 => "avx512vpopcntdq",
        );
        let more = __cpuid_count(7, 1).eax;
        require!(more, 4 => "avxvnni", 5 => "avx512bf16");
        None
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_that_runs_its_own_build_lacks_nothing() {
        assert_eq!(super::first_missing_feature(), None);
    }
}
