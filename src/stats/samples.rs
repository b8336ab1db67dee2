//! Numbers to test with: tables with reference values, and a small generator of normal variates.

/// The columns of a table of numbers with one line of headings.
pub fn columns<const N: usize>(table: &str) -> [Vec<f64>; N] {
    let mut columns = [const { Vec::new() }; N];
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), N, "{line}");
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell.trim().parse().expect("a number"));
        }
    }
    columns
}

/// Asserts that two numbers agree to a relative tolerance.
pub fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs(), "{found} is not {expected}");
}

/// Standard normal variates by Box and Muller's method from a SplitMix64 sequence.
pub struct Normals(u64);

impl Normals {
    /// The sequence that starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next `n` variates.
    pub fn take(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.next()).collect()
    }

    fn next(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Uniform on (0, 1], so that its logarithm exists.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11).wrapping_add(1) as f64 / (1u64 << 53) as f64
    }
}
