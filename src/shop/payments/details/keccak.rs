//! Keccak-256 of a short text, as Ethereum hashes (not SHA-3: the padding differs). For EIP-55's capitals and nothing else.
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808A,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808B,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008A,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000A,
    0x0000_0000_8000_808B,
    0x8000_0000_0000_008B,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800A,
    0x8000_0000_8000_000A,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];
/// The lanes in the order in which they are moved, and by how much each is turned.
const MOVES: [(usize, u32); 24] = [
    (10, 1),
    (7, 3),
    (11, 6),
    (17, 10),
    (18, 15),
    (3, 21),
    (5, 28),
    (16, 36),
    (8, 45),
    (21, 55),
    (24, 2),
    (4, 14),
    (15, 27),
    (23, 41),
    (19, 56),
    (13, 8),
    (12, 25),
    (2, 43),
    (20, 62),
    (14, 18),
    (22, 39),
    (9, 61),
    (6, 20),
    (1, 44),
];
/// Bytes that are taken in at once.
const RATE: usize = 136;

/// The hash of a text shorter than 136 bytes; what is longer is cut there.
pub(super) fn keccak256(text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; RATE];
    let length = text.len().min(RATE - 1);
    block[..length].copy_from_slice(&text[..length]);
    block[length] ^= 0x01;
    block[RATE - 1] ^= 0x80;
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    permute(&mut state);
    let mut hash = [0_u8; 32];
    for (bytes, lane) in hash.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *bytes = lane.to_le_bytes();
    }
    hash
}

fn permute(state: &mut [u64; 25]) {
    for constant in ROUNDS {
        let columns: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
        for (at, lane) in state.iter_mut().enumerate() {
            *lane ^= columns[(at + 4) % 5] ^ columns[(at + 1) % 5].rotate_left(1);
        }
        let mut carried = state[1];
        for (lane, turn) in MOVES {
            (carried, state[lane]) = (state[lane], carried.rotate_left(turn));
        }
        for row in state.as_chunks_mut::<5>().0 {
            let was = *row;
            for (x, lane) in row.iter_mut().enumerate() {
                *lane ^= !was[(x + 1) % 5] & was[(x + 2) % 5];
            }
        }
        state[0] ^= constant;
    }
}

#[cfg(test)]
mod tests {
    use super::keccak256;

    #[test]
    fn known_hashes_are_found() {
        for (text, hash) in [
            ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ] {
            let expected: Vec<u8> =
                (0..32).map(|byte| u8::from_str_radix(&hash[byte * 2..byte * 2 + 2], 16).expect("two digits")).collect();
            assert_eq!(keccak256(text.as_bytes()).to_vec(), expected);
        }
    }
}
