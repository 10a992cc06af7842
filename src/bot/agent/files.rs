//! Files that an agent is sent: a table of links, and an archive of pictures. Pure: rows in, bytes out.
use flate2::Crc;

/// One sold service of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub label: String,
    /// Its number, as it is written.
    pub id: String,
    pub link: String,
}

/// A table that spreadsheets open: quoted, with a mark by which they know UTF-8.
pub fn csv(heads: [&str; 4], sold: &[Sold]) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    push(&mut out, &heads.map(str::to_owned));
    for (place, row) in (1..).zip(sold) {
        push(&mut out, &[i64::to_string(&place), row.label.clone(), row.id.clone(), row.link.clone()]);
    }
    out.into_bytes()
}

fn push(out: &mut String, cells: &[String; 4]) {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// What begins like a formula is made text, so that a name cannot act in somebody's spreadsheet.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// The name of a picture: its number and what is plain in the label.
pub fn picture_name(place: usize, label: &str) -> String {
    let plain: String = label.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).take(40).collect();
    format!("{place:03}_{plain}.png")
}

/// An archive of files that are stored as they are (pictures are packed already): the format of ZIP, after its public note.
/// `None` when it would be larger than such an archive can be.
pub fn zip(files: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = u32::try_from(out.len()).ok()?;
        let size = u32::try_from(bytes.len()).ok()?;
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut head = Vec::new();
        // Version 2.0, names in UTF-8, stored; 1 January 2026, midnight: the moment of the sale is no business of the file.
        for field in [20_u16, 1 << 11, 0, 0, (46 << 9) | (1 << 5) | 1] {
            head.extend(field.to_le_bytes());
        }
        for field in [crc.sum(), size, size] {
            head.extend(field.to_le_bytes());
        }
        head.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(bytes);
        list.extend(b"PK\x01\x02");
        list.extend(20_u16.to_le_bytes());
        list.extend(&head);
        // No comment, first disk, a plain file without attributes.
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (at, size, count) = (u32::try_from(out.len()).ok()?, u32::try_from(list.len()).ok()?, u16::try_from(files.len()).ok()?);
    out.extend(list);
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    for field in [count, count] {
        out.extend(field.to_le_bytes());
    }
    for field in [size, at] {
        out.extend(field.to_le_bytes());
    }
    out.extend(0_u16.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Sold, csv, picture_name, zip};

    #[test]
    fn a_table_is_text_whatever_the_names_are() {
        let sold = [
            Sold { label: "Sara \"A\", 1".to_owned(), id: "A1".to_owned(), link: "https://x/1".to_owned() },
            Sold { label: "=1+1".to_owned(), id: "A2".to_owned(), link: String::new() },
        ];
        let table = String::from_utf8(csv(["No", "Name", "Service", "Link"], &sold)).expect("text");
        assert_eq!(
            table,
            "\u{feff}\"No\",\"Name\",\"Service\",\"Link\"\r\n\"1\",\"Sara \"\"A\"\", 1\",\"A1\",\"https://x/1\"\r\n\"2\",\"'=1+1\",\"A2\",\"\"\r\n"
        );
    }

    #[test]
    fn an_archive_lists_what_it_holds() {
        let files = [("001_a.png".to_owned(), b"hello".to_vec()), (picture_name(2, "Café/ ۱"), vec![])];
        let archive = zip(&files).expect("it fits");
        assert_eq!(files[1].0, "002_Café__۱.png");
        let list = archive.windows(4).position(|four| four == b"PK\x01\x02").expect("a list");
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        assert_eq!(archive[end + 16..end + 20], u32::try_from(list).expect("small").to_le_bytes());
        assert_eq!(archive[14..18], 0x3610_a686_u32.to_le_bytes(), "the checksum of hello");
        assert_eq!(archive[end + 10..end + 12], 2_u16.to_le_bytes());
        assert!(archive[list..].windows(9).any(|nine| nine == b"001_a.png"));
    }
}
