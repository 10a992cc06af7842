//! Files: the same bytes always have the same unique id, and every upload gets a file id of its own, as at Telegram.

use std::collections::HashMap;
use std::io::Cursor;

use axum::body::Bytes;
use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The largest file a bot may fetch with `getFile`.
pub const FETCH_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// The largest file a bot may send, and the largest picture.
pub const SEND_BYTES_MAX: usize = 50 * 1024 * 1024;
pub const PHOTO_BYTES_MAX: usize = 10 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct StoredFile {
    pub path: String,
    pub unique_id: String,
    pub bytes: Bytes,
    /// What Telegram says of its size; may be told bigger than `bytes` to play a huge file cheaply.
    pub size: u64,
    pub mime: String,
    pub name: Option<String>,
    /// The field it was sent in, and that field's value: what a resend by id repeats.
    pub field: &'static str,
    pub value: Value,
}

#[derive(Default)]
pub struct Files {
    by_id: HashMap<String, StoredFile>,
    by_path: HashMap<String, String>,
    count: u64,
}

/// A file on its way in.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    pub bytes: Bytes,
    pub name: Option<String>,
    pub mime: Option<String>,
    /// A size to claim instead of the real one.
    pub claimed_size: Option<u64>,
}

impl Upload {
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), ..Self::default() }
    }

    fn size(&self) -> u64 {
        self.claimed_size.unwrap_or(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }
}

fn unique_id(kind: &str, upload: &Upload) -> String {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash.update(upload.size().to_be_bytes());
    hash.update(&upload.bytes);
    let digest = hash.finalize();
    let short = digest.as_slice().get(..11).unwrap_or_default();
    format!("AQAD{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(short))
}

/// Width and height from the picture's header; `None` when it is no picture we know.
pub fn dimensions(bytes: &Bytes) -> Option<(u32, u32)> {
    image::ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.into_dimensions().ok()
}

impl Files {
    pub fn get(&self, id: &str) -> Option<&StoredFile> {
        self.by_id.get(id)
    }

    pub fn at_path(&self, path: &str) -> Option<&StoredFile> {
        self.by_path.get(path).and_then(|id| self.by_id.get(id))
    }

    fn store(&mut self, kind: &str, ending: &str, upload: &Upload) -> (String, StoredFile) {
        self.count += 1;
        let unique_id = unique_id(kind, upload);
        let id = format!("{}{}_{unique_id}", &kind[..1].to_ascii_uppercase(), self.count);
        let file = StoredFile {
            path: format!("{kind}/file_{}{ending}", self.count),
            unique_id,
            bytes: upload.bytes.clone(),
            size: upload.size(),
            mime: upload.mime.clone().unwrap_or_else(|| "application/octet-stream".into()),
            name: upload.name.clone(),
            field: "document",
            value: Value::Null,
        };
        self.by_path.insert(file.path.clone(), id.clone());
        self.by_id.insert(id.clone(), file.clone());
        (id, file)
    }

    fn remember(&mut self, id: &str, field: &'static str, value: &Value) {
        if let Some(file) = self.by_id.get_mut(id) {
            file.field = field;
            file.value = value.clone();
        }
    }

    /// Stores a picture and returns its sizes, the largest last.
    pub fn add_photo(&mut self, upload: &Upload, width: u32, height: u32) -> Value {
        let typed = Upload { mime: Some("image/jpeg".into()), ..upload.clone() };
        let (small_width, small_height) = (small(width, height), small(height, width));
        let (small_id, small_file) = self.store("thumbnails", ".jpg", &typed);
        let (id, file) = self.store("photos", ".jpg", &typed);
        let value = json!([
            { "file_id": small_id, "file_unique_id": small_file.unique_id, "file_size": small_file.size / 8 + 1,
              "width": small_width, "height": small_height },
            { "file_id": id, "file_unique_id": file.unique_id, "file_size": file.size, "width": width, "height": height },
        ]);
        self.remember(&small_id, "photo", &value);
        self.remember(&id, "photo", &value);
        value
    }

    pub fn add_document(&mut self, upload: &Upload) -> Value {
        let ending = upload.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| format!(".{ending}"));
        let (id, file) = self.store("documents", &ending.unwrap_or_default(), upload);
        let mut value = json!({
            "file_id": id, "file_unique_id": file.unique_id, "file_size": file.size, "mime_type": file.mime,
        });
        if let Some(name) = &file.name {
            value["file_name"] = name.clone().into();
        }
        self.remember(&id, "document", &value);
        value
    }

    /// A voice message, a sticker: whatever else has bytes. `extra` are the fields besides the file's own.
    pub fn add_other(&mut self, field: &'static str, upload: &Upload, extra: &Value) -> Value {
        let (id, file) = self.store(field, "", upload);
        let mut value = extra.clone();
        value["file_id"] = id.clone().into();
        value["file_unique_id"] = file.unique_id.into();
        value["file_size"] = file.size.into();
        self.remember(&id, field, &value);
        value
    }
}

/// One side of the thumbnail, which fits into 90 by 90.
fn small(side: u32, other: u32) -> u32 {
    let longest = u64::from(side.max(other).max(1));
    u32::try_from((u64::from(side) * 90 / longest).max(1)).unwrap_or(90)
}
