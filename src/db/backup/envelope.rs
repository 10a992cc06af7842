//! The sealed file: a plain head that says what it is, and a body of sealed chunks.
//!
//! ```text
//! "souk-backup\n"  format u16  head length u32  body length u64  head (JSON)  8 bytes of SHA-256 over all before
//! chunk 0  chunk 1  ...  last chunk
//! ```
//! A chunk is at most 64 KiB under XChaCha20-Poly1305. Each file has a key of its own, made of `SECRET_KEY` and the head's
//! salt, so the nonce is the chunk's number and a mark on the last one: chunks cannot be left out, doubled, put in
//! another order or cut off, and every chunk vouches for the head. The length in front only tells a cut file from a
//! changed byte; numbers are big-endian.
use crate::base::Time;
use crate::db::connect::DbKind;
use crate::db::seal::Seal;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Seek, SeekFrom, Write};

const MAGIC: &[u8; 12] = b"souk-backup\n";
const FORMAT: u16 = 1;
/// Magic, format, length of the head, length of the body.
const FRONT: usize = 12 + 2 + 4 + 8;
const CHECK: usize = 8;
const HEAD_MAX: usize = 64 * 1024;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// What a backup says of itself, readable without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub database: DbKind,
    pub taken_at: Time,
    /// The version of souk that took it.
    pub souk: String,
    /// The migrations that its database had.
    pub schema: Vec<String>,
    /// PostgreSQL: the server's major version, and that of the `pg_dump` which took it.
    pub server: Option<i64>,
    pub tool: Option<i64>,
    /// Which key it was sealed with; says nothing of the key itself.
    pub fingerprint: String,
    salt: [u8; 32],
}

impl Header {
    pub(super) fn new(database: DbKind, seal: &Seal, taken_at: Time) -> Self {
        Self {
            database,
            taken_at,
            souk: env!("CARGO_PKG_VERSION").to_owned(),
            schema: Vec::new(),
            server: None,
            tool: None,
            fingerprint: seal.fingerprint(),
            salt: seal.salt(),
        }
    }
}

/// Why a file does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("This is no backup of souk")]
    NotOurs,
    #[error("This backup is of a newer form ({0}); use the souk that made it, or a newer one")]
    Format(u16),
    #[error("The head of this backup is damaged; nothing was restored from it")]
    Head,
    #[error("This backup was sealed with another SECRET_KEY (it says {file}, yours is {here}); restore it with that key")]
    OtherKey { file: String, here: String },
    #[error("This backup was cut off: it has {is} bytes of {should}")]
    Cut { is: u64, should: u64 },
    #[error("This backup has {0} bytes more than it should")]
    TooLong(u64),
    #[error("This backup is damaged: its bytes were changed after byte {0}")]
    Changed(u64),
}

impl From<Unreadable> for io::Error {
    fn from(why: Unreadable) -> Self {
        Self::other(why)
    }
}

/// What each chunk vouches for, and the cipher of this file.
struct Chunks {
    cipher: XChaCha20Poly1305,
    head: [u8; 32],
    count: u64,
}

impl Chunks {
    fn new(seal: &Seal, header: &Header, head: &[u8]) -> Self {
        let cipher = XChaCha20Poly1305::new(&Key::from(seal.file_key(&header.salt)));
        Self { cipher, head: Sha256::digest(head).into(), count: 0 }
    }

    fn nonce(&self, last: bool) -> XNonce {
        let mut nonce = [0; 24];
        nonce[15..23].copy_from_slice(&self.count.to_be_bytes());
        nonce[23] = u8::from(last);
        XNonce::from(nonce)
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let payload = Payload { msg: plain, aad: &self.head };
        let sealed = self.cipher.encrypt(&self.nonce(last), payload).map_err(|_| io::Error::other("a chunk is not sealed"))?;
        self.count += 1;
        Ok(sealed)
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Option<Vec<u8>> {
        let plain = self.cipher.decrypt(&self.nonce(last), Payload { msg: sealed, aad: &self.head }).ok()?;
        self.count += 1;
        Some(plain)
    }
}

fn front(head: &[u8], body: u64) -> io::Result<Vec<u8>> {
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    let mut out = MAGIC.to_vec();
    out.extend(FORMAT.to_be_bytes());
    out.extend(length.to_be_bytes());
    out.extend(body.to_be_bytes());
    out.extend(head);
    let check = Sha256::digest(&out);
    out.extend(&check[..CHECK]);
    Ok(out)
}

/// Seals what is written to it. Only [`Sealer::finish`] makes it a whole file.
pub struct Sealer<W> {
    out: W,
    head: Vec<u8>,
    chunks: Chunks,
    plain: Vec<u8>,
    body: u64,
}

impl<W: Write + Seek> Sealer<W> {
    pub fn begin(mut out: W, seal: &Seal, header: &Header) -> io::Result<Self> {
        let head = serde_json::to_vec(header)?;
        out.write_all(&front(&head, 0)?)?;
        let chunks = Chunks::new(seal, header, &head);
        Ok(Self { out, head, chunks, plain: Vec::with_capacity(CHUNK), body: 0 })
    }

    fn chunk(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.chunks.seal(&self.plain, last)?;
        self.out.write_all(&sealed)?;
        self.plain.clear();
        self.body += u64::try_from(sealed.len()).map_err(io::Error::other)?;
        Ok(())
    }

    /// The last chunk, and the length in front.
    pub fn finish(mut self) -> io::Result<W> {
        self.chunk(true)?;
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&front(&self.head, self.body)?)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write + Seek> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: it may be the last.
        if self.plain.len() == CHUNK && !bytes.is_empty() {
            self.chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what was sealed. It ends well only when the last chunk was there.
pub struct Opener<R> {
    input: R,
    chunks: Chunks,
    /// Sealed bytes that are still to be read.
    left: u64,
    read: u64,
    plain: Vec<u8>,
    at: usize,
}

impl<R: Read> Opener<R> {
    /// Reads the head. `length` is the whole file's.
    pub fn begin(mut input: R, length: u64, seal: &Seal) -> Result<(Header, Self), io::Error> {
        let (head, body) = read_front(&mut input, length)?;
        let header: Header = serde_json::from_slice(&head).map_err(|_| Unreadable::Head)?;
        let here = seal.fingerprint();
        if header.fingerprint != here {
            return Err(Unreadable::OtherKey { file: header.fingerprint, here }.into());
        }
        let before = u64::try_from(FRONT + head.len() + CHECK).map_err(io::Error::other)?;
        let should = before.saturating_add(body);
        if length < should {
            return Err(Unreadable::Cut { is: length, should }.into());
        }
        if length > should {
            return Err(Unreadable::TooLong(length - should).into());
        }
        let chunks = Chunks::new(seal, &header, &head);
        Ok((header, Self { input, chunks, left: body, read: before, plain: Vec::new(), at: 0 }))
    }

    fn next(&mut self) -> io::Result<()> {
        let most = u64::try_from(CHUNK + TAG).map_err(io::Error::other)?;
        let (size, last) = (self.left.min(most), self.left <= most);
        let mut sealed = vec![0; usize::try_from(size).map_err(io::Error::other)?];
        self.input.read_exact(&mut sealed)?;
        self.plain = self.chunks.open(&sealed, last).ok_or(Unreadable::Changed(self.read))?;
        self.at = 0;
        self.left -= size;
        self.read += size;
        Ok(())
    }
}

/// The head and the body's length, once they agree with their own sum.
fn read_front(input: &mut impl Read, length: u64) -> Result<(Vec<u8>, u64), io::Error> {
    let too_short = |should: usize| -> io::Error {
        let should = u64::try_from(should).unwrap_or(u64::MAX);
        Unreadable::Cut { is: length, should }.into()
    };
    let has = |bytes: usize| u64::try_from(bytes).is_ok_and(|bytes| length >= bytes);
    let mut out = vec![0; FRONT];
    let known = MAGIC.len().min(usize::try_from(length).unwrap_or(FRONT));
    input.read_exact(&mut out[..known])?;
    if known == 0 || out[..known] != MAGIC[..known] {
        return Err(Unreadable::NotOurs.into());
    }
    if !has(FRONT) {
        return Err(too_short(FRONT));
    }
    input.read_exact(&mut out[known..])?;
    let number =
        |from: usize, bytes: usize| out[from..from + bytes].iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let (format, head, body) = (number(12, 2), number(14, 4), number(18, 8));
    let head = usize::try_from(head).unwrap_or(usize::MAX);
    if head > HEAD_MAX {
        return Err(Unreadable::Head.into());
    }
    if !has(FRONT + head + CHECK) {
        return Err(too_short(FRONT + head + CHECK));
    }
    out.resize(FRONT + head, 0);
    input.read_exact(&mut out[FRONT..])?;
    let mut check = [0; CHECK];
    input.read_exact(&mut check)?;
    if Sha256::digest(&out)[..CHECK] != check {
        return Err(Unreadable::Head.into());
    }
    let format = u16::try_from(format).unwrap_or(u16::MAX);
    if format != FORMAT {
        return Err(Unreadable::Format(format).into());
    }
    Ok((out.split_off(FRONT), body))
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() {
            if self.left == 0 {
                // A body without any chunk has no last one either.
                return if self.chunks.count == 0 { Err(Unreadable::Changed(self.read).into()) } else { Ok(0) };
            }
            self.next()?;
        }
        let taken = out.len().min(self.plain.len() - self.at);
        out[..taken].copy_from_slice(&self.plain[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::{CHECK, CHUNK, FRONT, Header, Opener, Sealer, TAG, Unreadable};
    use crate::base::{Ids, Time};
    use crate::db::{DbKind, Seal};
    use std::io::{Cursor, Read, Write};

    fn seal() -> Seal {
        Seal::new(&[7; 32], Ids::seeded(1))
    }

    fn header() -> Header {
        Header { schema: vec!["m0001_queue".to_owned()], ..Header::new(DbKind::Sqlite, &seal(), Time(1_000)) }
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::begin(Cursor::new(Vec::new()), &seal(), &header()).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap().into_inner()
    }

    fn opened_with(seal: &Seal, file: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let why = |error: std::io::Error| error.downcast::<Unreadable>().expect("a word of ours");
        let (_, mut opener) = Opener::begin(file, file.len() as u64, seal).map_err(why)?;
        let mut plain = Vec::new();
        opener.read_to_end(&mut plain).map_err(why)?;
        Ok(plain)
    }

    fn opened(file: &[u8]) -> Result<Vec<u8>, Unreadable> {
        opened_with(&seal(), file)
    }

    /// Lengths around the ends of chunks.
    fn samples() -> impl Iterator<Item = Vec<u8>> {
        let bytes = |count: usize| (0..count).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
        [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5].into_iter().map(bytes)
    }

    #[test]
    fn what_was_sealed_opens_as_it_was() {
        for plain in samples() {
            let file = sealed(&plain);
            assert_eq!(opened(&file).unwrap(), plain, "{} bytes", plain.len());
            let (said, _) = Opener::begin(&file[..], file.len() as u64, &seal()).unwrap();
            assert_eq!((said.database, said.taken_at, said.schema), (DbKind::Sqlite, Time(1_000), header().schema));
        }
    }

    #[test]
    fn every_cut_is_called_a_cut() {
        let file = sealed(&vec![5; 2 * CHUNK]);
        assert_eq!(opened(&[]), Err(Unreadable::NotOurs));
        let ends = file.len() - 2 * (CHUNK + TAG);
        for kept in (1..ends).chain([ends, ends + 1, ends + CHUNK + TAG, file.len() - TAG, file.len() - 1]) {
            let said = opened(&file[..kept]).unwrap_err();
            assert!(matches!(said, Unreadable::Cut { .. }), "{kept} of {}: {said}", file.len());
        }
        let longer = [file.as_slice(), b"more"].concat();
        assert_eq!(opened(&longer), Err(Unreadable::TooLong(4)));
    }

    #[test]
    fn a_changed_byte_is_found_wherever_it_is() {
        let file = sealed(&vec![5; 2 * CHUNK + 9]);
        let head = file.len() - 2 * (CHUNK + TAG) - (9 + TAG);
        let places = (0..head).chain([head, head + CHUNK, head + CHUNK + TAG, head + CHUNK + TAG + 77, file.len() - 1]);
        for place in places {
            let mut file = file.clone();
            file[place] ^= 1;
            let said = opened(&file).unwrap_err();
            let right = match place {
                ..12 => matches!(said, Unreadable::NotOurs),
                // The head's length is read before its sum is known: a greater one looks like a cut.
                14..18 => matches!(said, Unreadable::Head | Unreadable::Cut { .. }),
                12.. if place < head => matches!(said, Unreadable::Head),
                _ => matches!(said, Unreadable::Changed(_)),
            };
            assert!(right, "byte {place} of {} (head {head}): {said}", file.len());
        }
    }

    #[test]
    fn chunks_cannot_change_places_nor_come_from_another_file() {
        let (one, other) = (sealed(&vec![5; 2 * CHUNK]), {
            let mut sealer = Sealer::begin(Cursor::new(Vec::new()), &seal(), &Header { salt: [9; 32], ..header() }).unwrap();
            sealer.write_all(&vec![5; 2 * CHUNK]).unwrap();
            sealer.finish().unwrap().into_inner()
        });
        let body = one.len() - 2 * (CHUNK + TAG);
        let (first, second) = one[body..].split_at(CHUNK + TAG);
        assert!(opened(&[&one[..body], second, first].concat()).is_err(), "swapped");
        assert!(opened(&[&one[..body], first, first].concat()).is_err(), "doubled");
        let foreign = &other[other.len() - (CHUNK + TAG)..];
        assert!(opened(&[&one[..body], first, foreign].concat()).is_err(), "of another file");
    }

    #[test]
    fn a_head_that_was_rewritten_with_its_sum_still_convinces_no_chunk() {
        let file = sealed(b"the books");
        let told = String::from_utf8_lossy(&file).into_owned();
        let at = told.find("1000").expect("the time it was taken");
        let mut forged = file.clone();
        forged[at] = b'2';
        let end = file.len() - (b"the books".len() + TAG);
        let sum = <sha2::Sha256 as sha2::Digest>::digest(&forged[..end - CHECK]);
        forged[end - CHECK..end].copy_from_slice(&sum[..CHECK]);
        assert!(matches!(opened(&forged), Err(Unreadable::Changed(_))));
        assert!(FRONT < at);
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let other = Seal::new(&[8; 32], Ids::seeded(1));
        assert!(matches!(opened_with(&other, &sealed(b"x")), Err(Unreadable::OtherKey { .. })));
        assert_eq!(opened(b"PK\x03\x04 something else"), Err(Unreadable::NotOurs));
    }
}
