//! Randomness, from the platform's cryptographic source.

/// Fresh random bytes.
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("crypto.getRandomValues does not fail for 16 bytes");
    bytes
}
