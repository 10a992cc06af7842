# The services that a person owns.
services-title = <b>سرویس‌های من</b>
services-none = هنوز سرویسی ندارید. یک پلن انتخاب کنید تا سرویستان اینجا بیاید.
services-choose = یکی را انتخاب کنید تا لینک و باقی‌ماندهٔ آن را ببینید.
services-trial = تست رایگان
services-one-title = <b>{ $title }</b> · { $id }
services-state = وضعیت: { $state }
services-state-active = فعال
services-state-provisional = فعال تا بررسی رسید
services-state-pending = در حال آماده شدن
services-state-disabled = متوقف
services-state-ended = تمام‌شده
services-until = پایان: { $moment }
services-ended-at = پایان‌یافته: { $moment }
services-traffic = حجم باقی‌مانده: { $left } از { $quota }
services-traffic-unlimited = حجم: نامحدود، تا الان { $used } مصرف شده
services-link = لینک: { $link }
services-hint-pending = به‌محض آماده شدن سرویس، لینک همین‌جا می‌آید؛ معمولاً تا یک دقیقه.
services-hint-provisional = با تأیید پرداخت، همین لینک سرویس کامل می‌شود.
services-hint-connect = هنوز وصل نشده‌اید. از «افزودن به برنامه» شروع کنید.
services-hint-disabled = فروشگاه این سرویس را متوقف کرده است. دلیلش را از پشتیبانی بپرسید.
services-hint-renew = با تمدید، همین لینک دوباره کار می‌کند.
services-hint-resold = این سرویس را از نمایندهٔ فروشگاه گرفته‌اید. برای تمدید، از همان فروشنده بخواهید.
services-hint-buy = برای ادامه، از فروشگاه یک پلن انتخاب کنید.
services-refreshed = به‌روز شد
services-panel-silent = سرور الان پاسخ نمی‌دهد و این آخرین اطلاعات ماست. لطفاً چند دقیقهٔ دیگر دوباره امتحان کنید.
services-qr = <b>{ $title }</b>
    این کد را با برنامهٔ دستگاه دیگر اسکن کنید.

apps-title = <b>افزودن به برنامه</b>
apps-choose = برنامه‌تان را انتخاب کنید؛ صفحه‌ای باز می‌شود و لینک را به برنامه می‌دهد.
apps-copy-instead = لینک سرویس را کپی کنید و در برنامه بچسبانید.
