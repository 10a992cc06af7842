//! A workbook: a sheet a table, its header frozen and filtered, real dates on the shop's wall, sums at the end, from right to
//! left for Persian.
//!
//! Always: one row is in memory at a time; what does not fit one sheet goes on on the next, under the same header.
use super::cell::{Cell, Table, decimal, on_the_wall};
use crate::base::format::{Voice, digits};
use crate::base::{Fault, Lang};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// Excel's own limit.
const ROWS_MAX: u32 = 1_048_576;
/// Letters of a sheet's name in Excel, less room for a number.
const NAME_MAX: usize = 26;
/// Letters of a cell in Excel.
const TEXT_MAX: usize = 32_000;

pub struct Book {
    workbook: Workbook,
    voice: Voice,
    formats: Formats,
    rows_max: u32,
    open: Option<Open>,
}

struct Formats {
    heading: Format,
    header: Format,
    moment: Format,
    total: Format,
}

/// The sheet that is being written.
struct Open {
    sheet: Worksheet,
    table: Table,
    numbers: Vec<Option<(Format, Format)>>,
    /// Sheets of this table so far.
    part: u32,
    header: u32,
    next: u32,
    /// Of this sheet, and of those before it.
    sums: Vec<i128>,
    before: Vec<i128>,
}

fn wrong(error: XlsxError) -> Fault {
    Fault::new(error).context("writing a workbook")
}

impl Book {
    pub fn new(voice: &Voice) -> Self {
        let bold = || Format::new().set_bold();
        let formats = Formats {
            heading: bold().set_font_size(14),
            header: bold()
                .set_background_color(Color::RGB(0xE8_EE_F4))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Center)
                .set_text_wrap(),
            moment: Format::new().set_num_format(moment_format(voice.lang)).set_align(FormatAlign::Center),
            total: bold().set_border_top(FormatBorder::Thin),
        };
        Self { workbook: Workbook::new(), voice: *voice, formats, rows_max: ROWS_MAX, open: None }
    }

    pub fn table(&mut self, table: Table) -> Result<(), Fault> {
        self.close_sheet(true)?;
        let fields = table.fields.len();
        self.open_sheet(table, 1, vec![0; fields])
    }

    fn open_sheet(&mut self, table: Table, part: u32, before: Vec<i128>) -> Result<(), Fault> {
        let sheet = self.workbook.new_worksheet_with_constant_memory().map_err(wrong)?;
        let numbers = table.fields.iter().map(|field| {
            let format = Format::new().set_num_format(number_format(field.decimals?));
            Some((format.clone(), format.set_bold().set_border_top(FormatBorder::Thin)))
        });
        let mut open = Open {
            numbers: numbers.collect(),
            sheet,
            part,
            header: 0,
            next: 0,
            sums: vec![0; table.fields.len()],
            before,
            table,
        };
        open.begin(&self.voice, &self.formats).map_err(wrong)?;
        self.open = Some(open);
        Ok(())
    }

    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Fault> {
        // The last row of a sheet is kept for its sums, and the one before for those of all its sheets.
        if self.open.as_ref().is_some_and(|open| open.next + 2 >= self.rows_max) {
            let Some((table, part, sums)) = self.close_sheet(false)? else { return Ok(()) };
            self.open_sheet(table, part + 1, sums)?;
        }
        let Some(open) = &mut self.open else { return Err(Fault::new("a row without a table")) };
        open.write(cells, &self.voice, &self.formats)
    }

    /// The table of the sheet that ends, its number, and the sums so far.
    fn close_sheet(&mut self, is_last: bool) -> Result<Option<(Table, u32, Vec<i128>)>, Fault> {
        let Some(mut open) = self.open.take() else { return Ok(None) };
        open.end(&self.voice, &self.formats, is_last).map_err(wrong)?;
        let sums = open.before.iter().zip(&open.sums).map(|(before, sum)| before + sum).collect();
        self.workbook.push_worksheet(open.sheet);
        Ok(Some((open.table, open.part, sums)))
    }

    pub fn save(mut self, path: &Path) -> Result<(), Fault> {
        self.close_sheet(true)?;
        self.workbook.save(path).map_err(wrong)
    }
}

/// A real date all the same: for Persian, Excel shows it in the Jalali calendar (its number 16, hexadecimal, of Persian, 0429).
const fn moment_format(lang: Lang) -> &'static str {
    match lang {
        Lang::En | Lang::Ru => "yyyy-mm-dd hh:mm",
        Lang::Fa => "[$-160429]yyyy/mm/dd hh:mm",
    }
}

fn number_format(decimals: u32) -> String {
    let zeros = "0".repeat(usize::try_from(decimals).unwrap_or_default());
    if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{zeros}") }
}

/// Excel counts in floats; the digits are ours. Beyond fifteen digits it rounds, whoever writes.
fn excel(value: i128, decimals: u32) -> f64 {
    decimal(value, decimals).parse().unwrap_or_default()
}

fn column(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

impl Open {
    fn begin(&mut self, voice: &Voice, formats: &Formats) -> Result<(), XlsxError> {
        self.sheet.set_name(sheet_name(&self.table.name, self.part, voice))?;
        self.sheet.set_right_to_left(voice.lang.is_rtl());
        for (line, heading) in (0_u32..).zip(&self.table.heading) {
            match line {
                0 => self.sheet.write_string_with_format(line, 0, heading, &formats.heading)?,
                _ => self.sheet.write_string(line, 0, heading)?,
            };
            self.header = line + 2;
        }
        for (place, field) in self.table.fields.iter().enumerate() {
            self.sheet.set_column_width(column(place), field.width)?;
            self.sheet.write_string_with_format(self.header, column(place), &field.title, &formats.header)?;
        }
        self.sheet.set_freeze_panes(self.header + 1, 0)?;
        self.sheet.set_repeat_rows(self.header, self.header)?;
        self.next = self.header + 1;
        Ok(())
    }

    fn write(&mut self, cells: &[Cell], voice: &Voice, formats: &Formats) -> Result<(), Fault> {
        for (place, cell) in cells.iter().enumerate() {
            let at = column(place);
            let done = match cell {
                Cell::Empty => continue,
                Cell::Text(text) => self.sheet.write_string(self.next, at, cut(text)),
                Cell::Moment(moment) => {
                    let wall = on_the_wall(*moment, voice.zone);
                    self.sheet.write_datetime_with_format(self.next, at, wall, &formats.moment)
                }
                Cell::Number(value) => {
                    let decimals = self.table.fields.get(place).and_then(|field| field.decimals).unwrap_or_default();
                    if let Some(sum) = self.sums.get_mut(place) {
                        *sum += i128::from(*value);
                    }
                    match self.numbers.get(place).and_then(Option::as_ref) {
                        Some((format, _)) => {
                            self.sheet.write_number_with_format(self.next, at, excel((*value).into(), decimals), format)
                        }
                        None => self.sheet.write_number(self.next, at, excel((*value).into(), decimals)),
                    }
                }
            };
            done.map_err(wrong)?;
        }
        self.next += 1;
        Ok(())
    }

    fn end(&mut self, voice: &Voice, formats: &Formats, is_last: bool) -> Result<(), XlsxError> {
        let width = column(self.table.fields.len());
        if width > 0 {
            self.sheet.autofilter(self.header, 0, self.next.max(self.header + 1) - 1, width - 1)?;
        }
        if !self.table.fields.iter().any(|field| field.is_summed) {
            return Ok(());
        }
        let rows = (self.header + 2, self.next);
        self.totals(voice.t("report-file-total"), formats, Some(rows))?;
        if is_last && self.part > 1 {
            self.totals(voice.t("report-file-total-all"), formats, None)?;
        }
        Ok(())
    }

    /// Sums of the `rows` of this sheet, which follow its filter, or of all sheets.
    fn totals(&mut self, label: &str, formats: &Formats, rows: Option<(u32, u32)>) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.next, 0, label, &formats.total)?;
        for (place, field) in self.table.fields.iter().enumerate().skip(1) {
            let at = column(place);
            let (true, Some(decimals)) = (field.is_summed, field.decimals) else {
                self.sheet.write_blank(self.next, at, &formats.total)?;
                continue;
            };
            let here = self.sums.get(place).copied().unwrap_or_default();
            let format = self.numbers.get(place).and_then(Option::as_ref).map_or(&formats.total, |(_, total)| total);
            match rows {
                Some((first, last)) if last >= first => {
                    let name = rust_xlsxwriter::utility::column_number_to_name(at);
                    let formula = Formula::new(format!("=SUBTOTAL(109,{name}{first}:{name}{last})"));
                    let formula = formula.set_result(decimal(here, decimals));
                    self.sheet.write_formula_with_format(self.next, at, formula, format)?;
                }
                Some(_) => drop(self.sheet.write_number_with_format(self.next, at, 0, format)?),
                None => {
                    let all = here + self.before.get(place).copied().unwrap_or_default();
                    self.sheet.write_number_with_format(self.next, at, excel(all, decimals), format)?;
                }
            }
        }
        self.next += 1;
        Ok(())
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

/// What Excel takes for a name: short, and without the letters of its formulas.
fn sheet_name(name: &str, part: u32, voice: &Voice) -> String {
    let plain: String = name.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).take(NAME_MAX).collect();
    if part == 1 { plain } else { format!("{plain} {}", digits(voice.lang, &part.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::super::cell::{Cell, Field, Table};
    use super::{Book, sheet_name};
    use crate::base::format::Voice;
    use crate::base::{Asset, Lang, Time};
    use std::io::Read;

    /// The parts of a workbook by their names.
    fn part(path: &std::path::Path, name: &str) -> String {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn table() -> Table {
        let fields = vec![Field::text("Name", 10), Field::moment("At"), Field::money("Amount", Asset::Usd).summed()];
        Table { name: "Orders".to_owned(), heading: Vec::new(), fields }
    }

    fn row(cents: i64) -> Vec<Cell> {
        vec!["=1+1".into(), Cell::Moment(Time(1_793_608_200_000)), Cell::Number(cents)]
    }

    fn book(lang: Lang, rows_max: u32, rows: i64) -> tempfile::NamedTempFile {
        let voice = Voice::new(lang, chrono_tz::Asia::Tehran, Time(0));
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut book = Book::new(&voice);
        book.rows_max = rows_max;
        book.table(table()).unwrap();
        for cents in 1..=rows {
            book.row(&row(cents * 100 + 5)).unwrap();
        }
        book.save(file.path()).unwrap();
        file
    }

    #[test]
    fn a_sheet_has_dates_sums_a_frozen_header_and_a_filter() {
        let file = book(Lang::Fa, 100, 3);
        let sheet = part(file.path(), "xl/worksheets/sheet1.xml");
        for held in [
            "rightToLeft=\"1\"",
            "state=\"frozen\"",
            "<autoFilter ref=\"A1:C4\"",
            "=1+1</t>",
            "<f>SUBTOTAL(109,C2:C4)</f><v>6.15</v>",
            "<v>2.05</v>",
        ] {
            assert!(sheet.contains(held), "{held}: {sheet}");
        }
        // 2026-11-02 12:00 on the wall of Tehran, in days since 1899-12-30.
        assert!(sheet.contains("<v>46328.5</v>"), "{sheet}");
        assert!(!sheet.contains("<f>1+1"), "a text is no formula");
        let styles = part(file.path(), "xl/styles.xml");
        assert!(styles.contains("160429") && styles.contains("#,##0.00"), "{styles}");
    }

    #[test]
    fn what_does_not_fit_a_sheet_goes_on_on_the_next() {
        // A header, seven rows, and two that are kept for sums.
        let file = book(Lang::En, 10, 17);
        let names = part(file.path(), "xl/workbook.xml");
        assert!(names.contains("\"Orders\"") && names.contains("\"Orders 2\"") && names.contains("\"Orders 3\""), "{names}");
        let count = |number: u32| part(file.path(), &format!("xl/worksheets/sheet{number}.xml")).matches("=1+1</t>").count();
        assert_eq!((count(1), count(2), count(3)), (7, 7, 3));
        let last = part(file.path(), "xl/worksheets/sheet3.xml");
        // 1.05 + 2.05 + ... + 17.05
        assert!(last.contains("<v>153.85</v>"), "{last}");
        assert!(!part(file.path(), "xl/worksheets/sheet2.xml").contains("153.85"));
    }

    #[test]
    fn names_of_sheets_are_what_excel_takes() {
        let voice = Voice::new(Lang::Fa, chrono_tz::UTC, Time(0));
        assert_eq!(sheet_name("a/b:c*[d]?'e", 1, &voice), "abcde");
        assert_eq!(sheet_name("سفارش‌ها", 2, &voice), "سفارش‌ها ۲");
        assert_eq!(sheet_name(&"x".repeat(40), 1, &voice).chars().count(), 26);
    }
}
