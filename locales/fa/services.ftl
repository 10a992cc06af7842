# The services that a person owns.
services-title = <b>سرویس‌های من</b>
services-none = هنوز سرویسی ندارید.
services-choose = یکی را انتخاب کنید تا لینک و باقی‌ماندهٔ آن را ببینید.
services-trial = تست رایگان
services-one-title = <b>{ $title }</b> · { $id }
services-state = وضعیت: { $state }
services-state-active = فعال
services-state-provisional = فعال تا پایان بررسی رسید
services-state-pending = در حال آماده شدن
services-state-disabled = متوقف
services-state-ended = تمام‌شده
services-until = پایان: { $moment }
services-ended-at = تمام شد: { $moment }
services-traffic = حجم باقی‌مانده: { $left } از { $quota }
services-traffic-unlimited = حجم: نامحدود، تا حالا { $used } مصرف شده
services-link = لینک: { $link }
services-hint-pending = به محض آماده شدن سرویس، لینک همین‌جا می‌آید؛ معمولاً کمتر از یک دقیقه.
services-hint-provisional = بعد از بررسی رسید، سرویس کامل می‌شود و لینک همین می‌ماند.
services-hint-connect = هنوز وصل نشده‌اید. با «افزودن به برنامه» با یک لمس راه می‌افتد.
services-hint-disabled = فروشگاه این سرویس را متوقف کرده است. دلیلش را از پشتیبانی بپرسید.
services-hint-renew = با تمدید، همین لینک دوباره کار می‌کند.
services-hint-buy = اگر راضی بودید، از فروشگاه پلنی انتخاب کنید.
services-refreshed = به‌روز شد
services-panel-silent = سرور الان پاسخ نمی‌دهد؛ این آخرین اطلاعات ماست.
services-qr = <b>{ $title }</b>
    این را با برنامهٔ دستگاه دیگر اسکن کنید.

apps-title = <b>افزودن به برنامه</b>
apps-choose = برنامه‌تان را انتخاب کنید؛ صفحه‌ای باز می‌شود و لینک را به آن می‌دهد.
apps-copy-instead = لینک سرویس را کپی و در برنامه جای‌گذاری کنید.
