# Staff: people, orders that are late, panels, numbers, roles, commands.
admin-do-person = پروندهٔ شخص
admin-do-message = نوشتن پیام
admin-do-credit = افزودن به کیف پول
admin-do-debit = برداشت از کیف پول
admin-do-ban = مسدود کردن
admin-do-ban-yes = بله، بدون توضیح
admin-do-unban = رفع مسدودی
admin-do-correct = بله، ثبت شود
admin-do-order = بازگشت به سفارش
admin-do-refund = برگشت پول
admin-do-refund-yes = بله، برگردد
admin-do-move = پنل دیگر
admin-do-panels = به‌روزرسانی پنل‌ها
admin-do-stats = به‌روزرسانی آمار
admin-do-help = راهنمای کارکنان

command-payments = رسیدهای در انتظار
command-user = پروندهٔ یک شخص
command-methods = روش‌های پرداخت
command-stats = آمار فروشگاه
command-report = گزارش، نمودار و فایل
command-panels = وضعیت پنل‌ها
command-nodes = همان ‎/panels‎
command-approve = تأیید یک پرداخت
command-reject = رد یک پرداخت
command-refund = برگرداندن پول یک سفارش
command-staff = فهرست کارکنان
command-grant = دادن نقش به یک نفر
command-revoke = گرفتن نقش از یک نفر
command-backup = گرفتن نسخهٔ پشتیبان
command-staff-help = کارهایی که کارکنان می‌توانند بکنند

admin-help-title = <b>کارهایی که کارکنان می‌توانند بکنند</b>
admin-help-look = /payments: رسیدهای در انتظار، قدیمی‌ترها اول
    /user <code>id, @name or #code</code>: پروندهٔ یک شخص
    /methods: روش‌های پرداخت، سقف‌ها و جای خالی
    /panels, /nodes: وضعیت پنل‌ها
    /stats: آمار امروز، ۷ روز و ۳۰ روز
    /report: فروش هر دوره، نمودار و اکسل
    /staff: فهرست کارکنان
admin-help-money = /approve <code>payment [amount]</code>: تأیید یک پرداخت
    /reject <code>payment [reason]</code>: رد یک پرداخت
    /refund <code>#order</code>: برگرداندن پول یک سفارش
admin-help-staff = /grant <code>id or @name role</code>: دادن نقش (owner، cashier، support، viewer)
    /revoke <code>id or @name</code>: گرفتن نقش
    /backup: گرفتن نسخهٔ پشتیبان از فروشگاه و دیدن آن در همین‌جا
admin-usage-approve = این‌طور بنویسید: ‎/approve‎ <code>payment [amount]</code>، برای نمونه:
    <code>/approve 0ABC123DEF 250000</code>
admin-usage-reject = این‌طور بنویسید: ‎/reject‎ <code>payment [reason]</code>، برای نمونه:
    <code>/reject 0ABC123DEF عکس کامل نیست</code>
admin-usage-refund = این‌طور بنویسید: ‎/refund‎ <code>#order</code>، برای نمونه:
    <code>/refund #0ABC123DEF</code>
admin-usage-user = این‌طور بنویسید: ‎/user‎ <code>id, @name or #code</code>، برای نمونه:
    <code>/user @sara</code>
admin-usage-grant = این‌طور بنویسید: ‎/grant‎ <code>id or @name role</code>؛ نقش‌ها owner، cashier، support و viewer هستند. برای نمونه:
    <code>/grant @sara cashier</code>
admin-usage-revoke = این‌طور بنویسید: ‎/revoke‎ <code>id or @name</code>، برای نمونه:
    <code>/revoke @sara</code>

admin-person-title = <b>پروندهٔ شخص</b>: { $person }
admin-person-unknown = کسی پیدا نشد. شناسه، ‎@name‎ یا کد سفارش، پرداخت یا سرویس را بنویسید.
admin-person-since = مشتری از: { $date } ({ $since })
admin-person-welcome = وضعیت: عادی
admin-person-banned = وضعیت: <b>مسدود</b>
admin-person-banned-for = وضعیت: <b>مسدود</b>، { $reason }
admin-person-blocked = وضعیت: در { $date } ربات را مسدود کرده است
admin-person-lang = زبان: { $lang }
admin-person-role = نقش: { $role }
admin-person-wallet = کیف پول: { $amount }
admin-person-services = <b>سرویس‌ها</b>: { $count }
admin-person-service = { $id } { $plan }، { $state }، تا { $until }
admin-person-orders = <b>سفارش‌ها</b>: { $count }
admin-person-order = { $id } { $plan }، { $price }، { $state }
admin-person-acts = <b>کارهای کارکنان</b>
admin-person-act = { $when }: { $act }، { $became }، { $who }
admin-service-pending = در حال آماده شدن
admin-service-active = فعال
admin-service-disabled = متوقف
admin-service-ended = تمام‌شده
admin-service-deleted = حذف‌شده

admin-ban-ask = <b>{ $name }</b> مسدود شود؟ فروشگاه برای این شخص بسته می‌شود؛ سرویس‌هایی که خریده کار می‌کنند.
    دلیل را در پاسخ به همین پیام بنویسید؛ خود او آن را می‌خواند.
admin-ban-staff = این شخص از کارکنان است و مسدود نمی‌شود. اول نقش او را بگیرید.
admin-message-ask = متنی را که { $name } باید بخواند در پاسخ به همین پیام بنویسید. به نام فروشگاه فرستاده می‌شود.
admin-message-long = متن خیلی طولانی است؛ تا { $most } نویسه فرستاده می‌شود.
admin-message-blocked = { $name } ربات را مسدود کرده است و پیامی به او نمی‌رسد.
admin-message-sent = برای { $name } فرستاده شد.

admin-credit-ask = چقدر به کیف پول { $name } <b>اضافه</b> شود و چرا؟ موجودی: { $balance }.
    مبلغ و دلیل را در پاسخ بنویسید، مثل <code>50000 جبران تأخیر</code>.
admin-debit-ask = چقدر از کیف پول { $name } <b>کم</b> شود و چرا؟ موجودی: { $balance }.
    مبلغ و دلیل را در پاسخ بنویسید، مثل <code>50000 دو بار واریز شده</code>.
admin-correction-unread = یک مبلغ و بعد از آن دلیل لازم است. هر دو را در یک پیام بنویسید.
admin-correction-waits = رقم‌های بالا منتظر تأیید شماست.
admin-correction-gone = این کار انجام شده، یا بعد از آن پرسش دیگری باز شده است.
admin-debit-short = موجودی کیف پول فقط { $balance } است.
admin-credit-confirm = <b>{ $amount }</b> به کیف پول { $name } اضافه شود؟
    قبل: { $before }
    بعد: { $after }
    دلیل: { $reason }
admin-debit-confirm = <b>{ $amount }</b> از کیف پول { $name } کم شود؟
    قبل: { $before }
    بعد: { $after }
    دلیل: { $reason }
admin-credit-done = { $amount } اضافه شد. موجودی کیف پول: { $balance }.
admin-debit-done = { $amount } کم شد. موجودی کیف پول: { $balance }.

admin-order-title = <b>سفارش</b> { $id }
admin-order-unknown = سفارشی با این شماره پیدا نشد.
admin-order-line = وضعیت: { $state }
admin-order-paid-at = پرداخت: { $when }
admin-order-panel = پنل: { $panel }
admin-order-placed = در انتظار پرداخت
admin-order-paid = پرداخت‌شده، تحویل‌نشده
admin-order-delivered = تحویل‌شده
admin-order-cancelled = لغوشده
admin-order-expired = مهلت تمام شده
admin-order-rejected = ردشده
admin-order-refunded = برگشت‌داده‌شده
admin-order-not-late = کاری لازم نیست؛ وضعیت سفارش: { $state }.
admin-refund-ask = { $amount } به کیف پول { $name } برمی‌گردد و سرویس دیگر ساخته نمی‌شود.
admin-refund-ask-credit = { $amount } به اعتبار { $name } برمی‌گردد و سرویس دیگر ساخته نمی‌شود.
admin-move-ask = روی کدام پنل ساخته شود؟ سفارش مشتری می‌ماند و لینک به‌محض آماده شدن برایش می‌رود.
admin-move-none = پنل دیگری برای این پلن حساب جدید نمی‌پذیرد. برگشت پول همچنان ممکن است.
admin-move-row = { $panel } ({ $health })
admin-move-closed = این پنل الان حساب جدید نمی‌پذیرد. لطفاً پنل دیگری انتخاب کنید.
admin-move-cannot = این سرویس را الان نمی‌شود جابه‌جا کرد.

admin-panels-title = <b>پنل‌ها</b>
admin-panels-none = هنوز پنلی نیست. پنل‌ها در فایل فروشگاه نوشته می‌شوند.
admin-panels-next = وضعیت پنل‌ها هر دقیقه بررسی می‌شود. روشن و خاموش کردن آن‌ها در فایل فروشگاه است.
admin-panel-name = { $sign } <b>{ $panel }</b> ({ $kind })، { $intake }
admin-panel-health = سلامت: { $health }
admin-panel-health-since = سلامت: { $health }، از { $since } پیش
admin-panel-version = نسخه: { $version }
admin-panel-accounts = حساب‌ها: { $count }
admin-panel-accounts-of = حساب‌ها: { $count } از { $most }
admin-panel-checked = آخرین بررسی: { $ago }
admin-panel-error = آخرین خطا، { $ago }: { $error }
admin-health-unknown = هنوز بررسی نشده
admin-health-well = سالم
admin-health-down = پاسخ نمی‌دهد
admin-health-locked-out = ورود ما را نمی‌پذیرد
admin-intake-on = حساب جدید می‌پذیرد
admin-intake-draining = حساب‌هایش می‌مانند، حساب جدید نمی‌پذیرد
admin-intake-off = خاموش

admin-stats-title = <b>آمار فروشگاه</b>
admin-stats-today = <b>امروز</b>، در مقایسه با دیروز تا همین ساعت
admin-stats-week = <b>۷ روز</b>، در مقایسه با ۷ روز قبل از آن
admin-stats-month = <b>۳۰ روز</b>، در مقایسه با ۳۰ روز قبل از آن
admin-stats-revenue = درآمد: { $amount } { $change }
admin-stats-sales = فروش: { $count } { $change }
admin-stats-people = افراد جدید: { $count } { $change }
admin-stats-pending = در حال بررسی: { $count }، { $amount }
admin-stats-undelivered = پرداخت‌شده و تحویل‌نشده: { $count }
admin-stats-chart = نمودار: درآمد روزانهٔ ۳۰ روز گذشته.

admin-staff-title = <b>کارکنان</b>
admin-staff-row = { $role }: { $person }
admin-staff-next = مالک با ‎/grant‎ نقش می‌دهد و با ‎/revoke‎ آن را می‌گیرد.
admin-grant-done = نقش { $name } حالا { $role } است.
admin-revoke-done = { $name } دیگر نقشی ندارد.
admin-revoke-owner = این مالک در تنظیمات سرور نوشته شده و فقط همان‌جا می‌شود او را برداشت.
