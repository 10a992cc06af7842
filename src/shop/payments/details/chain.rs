//! Addresses for coins on the networks that we know: their form and their check sums.
//!
//! TRON: base58check of byte 0x41 and 20 bytes. Ethereum and BNB: 20 bytes in hex, with EIP-55's capitals when they are mixed.
//! TON: 36 bytes in base64, TEP-2. Bitcoin: BIP-173 and BIP-350, and base58check for the older two.
use super::keccak::keccak256;
use super::{BadDetails, Details};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha2::{Digest, Sha256};
use std::fmt;

/// A network whose addresses can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    Trc20,
    Erc20,
    Bep20,
    Ton,
    Btc,
}

impl Network {
    pub const ALL: [Self; 5] = [Self::Trc20, Self::Erc20, Self::Bep20, Self::Ton, Self::Btc];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Trc20 => "TRC20",
            Self::Erc20 => "ERC20",
            Self::Bep20 => "BEP20",
            Self::Ton => "TON",
            Self::Btc => "BTC",
        }
    }

    /// The network that these words mean, however they are written.
    pub fn known(words: &str) -> Option<Self> {
        let plain: String = words.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        match plain.as_str() {
            "TRC20" | "TRON" | "TRX" => Some(Self::Trc20),
            "ERC20" | "ETH" | "ETHEREUM" => Some(Self::Erc20),
            "BEP20" | "BSC" | "BNB" => Some(Self::Bep20),
            "TON" => Some(Self::Ton),
            "BTC" | "BITCOIN" => Some(Self::Btc),
            _ => None,
        }
    }

    pub(super) const fn form(self) -> &'static str {
        match self {
            Self::Trc20 => "it begins with \"T\" and has 34 letters and digits",
            Self::Erc20 | Self::Bep20 => "it is \"0x\" and 40 digits of 0-9 and a-f",
            Self::Ton => "it has 48 letters and digits, and begins with \"UQ\" or \"EQ\"",
            Self::Btc => "it begins with \"bc1\", \"1\" or \"3\"",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was found out about an address.
enum Verdict {
    Right,
    /// Its form is right, and it holds no check sum.
    Unchecked,
    WrongForm,
    WrongSum,
}

pub(super) fn address(network: Network, text: &str) -> Result<Details, BadDetails> {
    let verdict = match network {
        Network::Trc20 => tron(text),
        Network::Erc20 | Network::Bep20 => hex(text),
        Network::Ton => ton(text),
        Network::Btc => bitcoin(text),
    };
    let checked = match verdict {
        Verdict::Right => true,
        Verdict::Unchecked => false,
        Verdict::WrongForm => return Err(BadDetails::AddressForm(network)),
        Verdict::WrongSum => return Err(BadDetails::AddressCheck(network)),
    };
    Ok(Details { text: text.to_owned(), checked })
}

fn tron(text: &str) -> Verdict {
    if text.len() != 34 || !text.starts_with('T') {
        return Verdict::WrongForm;
    }
    base58check(text, &[0x41])
}

/// 25 bytes: a version, 20 of the account, 4 that check them.
fn base58check(text: &str, versions: &[u8]) -> Verdict {
    let Some(bytes) = base58(text).filter(|bytes| bytes.len() == 25 && versions.contains(&bytes[0])) else {
        return Verdict::WrongForm;
    };
    let (body, sum) = bytes.split_at(21);
    let hash = Sha256::digest(Sha256::digest(body));
    if hash[..4] == *sum { Verdict::Right } else { Verdict::WrongSum }
}

fn base58(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes: Vec<u8> = Vec::with_capacity(25);
    for letter in text.bytes() {
        let mut carry = u32::try_from(ALPHABET.iter().position(|known| *known == letter)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            [*byte, ..] = carry.to_le_bytes();
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).ok()?);
        }
    }
    bytes.extend(text.bytes().take_while(|letter| *letter == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

/// The letters of a mixed-case address are capital where the hash of its small form has a digit of 8 or more (EIP-55).
fn hex(text: &str) -> Verdict {
    let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) else { return Verdict::WrongForm };
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Verdict::WrongForm;
    }
    let has = |which: fn(&u8) -> bool| digits.as_bytes().iter().any(which);
    if !has(u8::is_ascii_lowercase) || !has(u8::is_ascii_uppercase) {
        return Verdict::Unchecked;
    }
    let hash = keccak256(digits.to_ascii_lowercase().as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    let right = digits
        .bytes()
        .zip(nibbles)
        .all(|(letter, nibble)| !letter.is_ascii_alphabetic() || letter.is_ascii_uppercase() == (nibble >= 8));
    if right { Verdict::Right } else { Verdict::WrongSum }
}

/// Tag, workchain, 32 bytes of the account, and a CRC-16 over them. Addresses of the test network are refused.
fn ton(text: &str) -> Verdict {
    const TAGS: [u8; 2] = [0x11, 0x51];
    const WORKCHAINS: [u8; 2] = [0x00, 0xFF];
    if text.len() != 48 {
        return Verdict::WrongForm;
    }
    let Ok(bytes) = URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)) else { return Verdict::WrongForm };
    let (body, sum) = bytes.split_at(34);
    if crc16(body).to_be_bytes() != *sum {
        return Verdict::WrongSum;
    }
    if TAGS.contains(&body[0]) && WORKCHAINS.contains(&body[1]) { Verdict::Right } else { Verdict::WrongForm }
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

fn bitcoin(text: &str) -> Verdict {
    if text.starts_with(['1', '3']) {
        return base58check(text, &[0x00, 0x05]);
    }
    let mixed = text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase());
    if mixed || text.len() > 90 {
        return Verdict::WrongForm;
    }
    bech32(&text.to_ascii_lowercase())
}

/// A segwit address: version 0 in bech32, later ones in bech32m.
fn bech32(text: &str) -> Verdict {
    const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let Some(data) = text.strip_prefix("bc1") else { return Verdict::WrongForm };
    let value = |letter: u8| LETTERS.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok());
    let Some(values) = data.bytes().map(value).collect::<Option<Vec<u8>>>() else { return Verdict::WrongForm };
    let Some((version, program)) = values.len().checked_sub(6).and_then(|end| values[..end].split_first()) else {
        return Verdict::WrongForm;
    };
    // "bc", spelt as the check sum wants it: the high bits of its letters, a zero, their low bits.
    let whole = [3, 3, 0, 2, 3].into_iter().chain(values.iter().copied());
    let expected = if *version == 0 { 1 } else { 0x2BC8_30A3 };
    if polymod(whole) != expected {
        return Verdict::WrongSum;
    }
    let bytes = program.len() * 5 / 8;
    let fits = if *version == 0 { bytes == 20 || bytes == 32 } else { *version <= 16 && (2..=40).contains(&bytes) };
    if fits { Verdict::Right } else { Verdict::WrongForm }
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
    values.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let next = ((sum & 0x01FF_FFFF) << 5) ^ u32::from(value);
        GENERATOR.iter().enumerate().fold(next, |next, (bit, part)| if (top >> bit) & 1 == 1 { next ^ part } else { next })
    })
}

#[cfg(test)]
mod tests {
    use super::{BadDetails, Network, address};

    #[test]
    fn networks_are_known_by_many_names() {
        for (words, known) in [
            ("TRC20", Some(Network::Trc20)),
            ("trc-20", Some(Network::Trc20)),
            ("USDT", None),
            ("Bitcoin", Some(Network::Btc)),
            ("bep 20", Some(Network::Bep20)),
            ("", None),
        ] {
            assert_eq!(Network::known(words), known, "{words}");
        }
        assert!(Network::ALL.into_iter().all(|network| Network::known(network.name()) == Some(network)));
    }

    #[test]
    fn right_addresses_are_taken() {
        for (network, text, checked) in [
            (Network::Trc20, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", true),
            // The examples of EIP-55.
            (Network::Erc20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", true),
            (Network::Bep20, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", true),
            (Network::Erc20, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", false),
            (Network::Erc20, "0x52908400098527886E0F7030069857D2E4169EE7", false),
            (Network::Ton, "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N", true),
            (Network::Btc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", true),
            (Network::Btc, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", true),
            // The examples of BIP-173 and BIP-350.
            (Network::Btc, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", true),
            (Network::Btc, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", true),
        ] {
            assert_eq!(address(network, text).map(|details| details.checked), Ok(checked), "{text}");
        }
    }

    #[test]
    fn a_mistyped_letter_is_found() {
        for (network, text) in [
            (Network::Trc20, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6s"),
            (Network::Erc20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"),
            (Network::Ton, "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2M"),
            (Network::Btc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
            (Network::Btc, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
            // A later version with the older check sum.
            (Network::Btc, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),
        ] {
            assert_eq!(address(network, text), Err(BadDetails::AddressCheck(network)), "{text}");
        }
    }

    #[test]
    fn what_is_of_another_network_is_refused() {
        for (network, text) in [
            (Network::Trc20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            (Network::Trc20, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj60"),
            (Network::Trc20, ""),
            (Network::Erc20, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            (Network::Erc20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"),
            (Network::Ton, "0:83dfd552e63729b472fcbcc8c45ebcc6691702558b68ec7527e1ba403a0f31a8"),
            (Network::Ton, "kQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqKYH"),
            (Network::Btc, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
            (Network::Btc, "bc1"),
            (Network::Btc, "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            (Network::Btc, "3"),
        ] {
            let found = address(network, text);
            assert!(matches!(found, Err(BadDetails::AddressForm(_) | BadDetails::AddressCheck(_))), "{text} {found:?}");
        }
    }
}
