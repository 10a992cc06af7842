# Backups: asked for, made, where they lie.
backup-asked = <b>نسخهٔ پشتیبان در حال آماده شدن است</b>
backup-asked-next = وقتی آماده شد در گروه مدیران فرستاده می‌شود.
backup-newest = نسخهٔ قبلی: { $moment }
backup-made = <b>نسخهٔ پشتیبان فروشگاه</b>
backup-made-next = این فایل با SECRET_KEY فروشگاه رمزگذاری شده است. برای برگرداندن آن به یک پایگاه دادهٔ خالی: souk restore FILE
backup-taken = زمان: { $moment }
backup-size = حجم: { $size } مگابایت
backup-lies = محل فایل: { $path }
backup-lies-large = این فایل برای تلگرام بزرگ است. محل فایل: { $path }
backup-lies-refused = تلگرام فایل را نپذیرفت. محل فایل: { $path }
