# Staff: the card of a payment, its review, and what a review refuses.
admin-do-approve = تأیید
admin-do-approve-as = بله، همین تأیید شود
admin-do-ask-amount = تأیید با مبلغ دیگر
admin-do-reject = رد کردن
admin-do-ask-reason = نوشتن دلیل
admin-do-reject-ban = رد و مسدود کردن
admin-do-reject-ban-yes = بله، رد و مسدود شود
admin-do-undo = برگرداندن تصمیم
admin-do-card = بازگشت به رسید
admin-do-open = دیدن رسید
admin-do-pending = رسیدهای در انتظار
admin-do-history = سابقهٔ پرداخت‌ها
admin-do-stop = انصراف، بدون تغییر

admin-clock = خود فروشگاه
admin-at = { $date } { $time }
admin-done = انجام شد.
admin-already = از قبل همین‌طور است.
admin-stopped = انصراف دادید؛ چیزی تغییر نکرد.
admin-topic-payments = پرداخت‌ها
admin-topic-alarms = هشدارها
admin-topic-support = پشتیبانی
admin-topic-backups = نسخه‌های پشتیبان

admin-person-named = { $name } ({ $username }، { $id })
admin-person-plain = { $name } ({ $id })

admin-card-amount = مبلغ: <b>{ $amount }</b>، پرداخت { $id }
admin-card-person = مشتری: { $person }
admin-card-record = مشتری از { $since } پیش؛ رسیدها: { $good } پذیرفته، { $bad } ردشده
admin-card-new = خرید: { $plan }، { $price }
admin-card-renewal = خرید: تمدید { $plan }، { $price }
admin-card-parts = سهم کیف پول { $part }؛ سهم واریز { $rest }
admin-card-topup = بابت: <b>شارژ کیف پول</b>؛ موجودی فعلی { $wallet }
admin-card-topup-credit = بابت: <b>شارژ اعتبار نماینده</b>
admin-card-topup-short = شارژ حساب
admin-card-method = کارت: { $alias }، چهار رقم آخر { $last4 }
admin-card-method-sheba = شبا: { $alias }، چهار رقم آخر { $last4 }
admin-card-method-crypto = ارز دیجیتال: { $alias } ({ $network })، پایان آدرس { $last4 }
admin-card-note = یادداشت: { $note }
admin-card-sent = ارسال: { $when }
admin-card-receipts = تعداد رسید: { $count }؛ آخری ملاک است
admin-card-lent = تا زمان تصمیم، بخشی از سرویس برای مشتری فعال است.
admin-card-text = متن: { $text }
admin-card-further = رسید دیگری برای پرداخت { $id }
admin-card-why = <b>چرا رد می‌شود؟</b> مشتری این دلیل را می‌خواند.
admin-card-ban = <b>رد و مسدود شود؟</b> سفارش بسته می‌شود، بخش فعال سرویس قطع می‌شود و فروشگاه برای این مشتری بسته می‌شود.
admin-card-approved = <b>تأیید شد</b>: { $amount }، پرداخت { $id }
admin-card-rejected = <b>رد شد</b>: { $amount }، پرداخت { $id }. { $reason }
admin-card-cancelled = <b>لغو شد</b>: { $amount }، پرداخت { $id }
admin-card-expired = <b>مهلت تمام شد</b>: { $amount }، پرداخت { $id }
admin-card-open = <b>هنوز رسیدی نیامده</b>: { $amount }، پرداخت { $id }
admin-card-whom = { $name }: { $plan }
admin-card-by = { $who }، { $when }

admin-flag-same-photo = همین عکس قبلاً استفاده شده
admin-flag-alike-photo = عکسی شبیه این قبلاً استفاده شده
admin-flag-same-number = همین شمارهٔ پیگیری قبلاً استفاده شده
admin-flag-amount = مبلغی که در پیام نوشته شده با مبلغ پرداخت یکی نیست
admin-flag-amount-said = در پیام { $amount } نوشته شده که مبلغ پرداخت نیست
admin-flag-daily-limit = روش پرداخت از سقف روزانه گذشته است
admin-flag-late = بعد از بسته شدن سفارش رسیده است
admin-flag-edited = پیام بعد از ارسال ویرایش شده است
admin-flag-not-compared = محتوای این رسید با رسیدهای قبلی مقایسه نشد
admin-flag-unnamed = مشتری سفارش این رسید را انتخاب نکرده
admin-twin-own = همین شخص
admin-twin-photo = همان عکسِ پرداخت { $payment } از { $who } ({ $state })
admin-twin-alike = عکس شبیه پرداخت { $payment } از { $who } ({ $state })
admin-twin-number = همان شمارهٔ پیگیریِ پرداخت { $payment } از { $who } ({ $state })

admin-reason-not-received = پول نرسیده است
admin-reason-wrong-amount = مبلغ درست نیست
admin-reason-unreadable = رسید خوانا نیست
admin-reason-duplicate = رسید تکراری است

admin-payment-open = در انتظار رسید
admin-payment-submitted = در حال بررسی
admin-payment-approved = تأییدشده
admin-payment-rejected = ردشده
admin-payment-cancelled = لغوشده
admin-payment-expired = مهلت تمام شده
admin-payment-unknown = پرداختی با این شماره پیدا نشد. فهرست را با ‎/payments‎ ببینید.
admin-payment-decided = قبلاً تصمیم گرفته شده: { $state }، { $who }، { $when }.
admin-payment-no-receipt = هنوز رسیدی برای این پرداخت نیامده است.
admin-payment-not-waiting = این پرداخت دیگر منتظر تصمیم نیست. موارد در انتظار را با ‎/payments‎ ببینید.

admin-ask-reply = اگر این جواب پرسش من است، آن را در پاسخ به همان پیام بفرستید. هنوز کاری انجام نشده است.
admin-ask-gone = آن پرسش بسته شده، چون بعد از آن پرسش دیگری از شما شد. کاری انجام نشد.
admin-ask-not-yours = این پرسش از کس دیگری شده است.
admin-ask-words = اینجا نوشته لازم است. لطفاً جواب پرسش را به‌صورت متن بفرستید.
admin-anonymous = شما به نام خود گروه می‌نویسید و من نمی‌توانم بدانم چه کسی هستید و چه اجازه‌ای دارید. در فهرست مدیران گروه، گزینهٔ «ناشناس ماندن» را برای خودتان خاموش کنید و دوباره بفرستید.
admin-ask-amount = پرداخت { $id }، مبلغ سفارش: { $amount }.
    مبلغی را که رسیده در پاسخ به همین پیام بنویسید.
admin-ask-reason = پرداخت { $id }، { $amount }.
    دلیل را در پاسخ به همین پیام بنویسید. مشتری آن را می‌خواند.
admin-amount-unread = این را به‌عنوان مبلغ نمی‌توانم بخوانم. فقط رقم کافی است، مثل <code>250000</code> یا <code>250k</code>.
admin-amount-bad = این مبلغ قابل ثبت نیست. لطفاً مبلغ دیگری بنویسید.
admin-amount-enough = پرداخت { $id }: به‌جای { $due } مبلغ <b>{ $amount }</b> تأیید شود؟
    { $price } برای سفارش برداشته می‌شود و { $rest } در کیف پول می‌ماند.
admin-amount-short = پرداخت { $id }: به‌جای { $due } مبلغ <b>{ $amount }</b> تأیید شود؟
    قیمت سفارش { $price } است و { $rest } کم است. سفارش بسته می‌شود و همهٔ پول به کیف پول می‌رود.
admin-amount-topup = پرداخت { $id }: به‌جای { $due } مبلغ <b>{ $amount }</b> تأیید شود؟
    همهٔ آن به حساب مشتری می‌رود.

admin-undo-nothing = تصمیمی برای برگرداندن نیست.
admin-undo-late = زمان برگرداندن تمام شده است.
admin-undo-delivered = سرویس تحویل شده است.
admin-undo-renewed = این سرویس در این فاصله تمدید شده است. اول تمدید را برگردانید.
admin-undo-spent = این پول در این فاصله از کیف پول خرج شده است.

admin-refused-talk = نقش شما ({ $role }) فقط برای دیدن است. پشتیبان، صندوق‌دار یا مالک می‌تواند این کار را بکند.
admin-refused-money = نقش شما ({ $role }) دربارهٔ پول تصمیم نمی‌گیرد. صندوق‌دار یا مالک می‌تواند این کار را بکند.
admin-refused-staff = نقش شما ({ $role }) نقش‌ها را تغییر نمی‌دهد. مالک می‌تواند این کار را بکند.
admin-refused-own = این پرداخت خود شماست. شخص دیگری باید تصمیم بگیرد.
admin-role-owner = مالک
admin-role-cashier = صندوق‌دار
admin-role-support = پشتیبان
admin-role-viewer = ناظر

admin-pending-title = <b>رسیدهای در انتظار</b>
admin-pending-none = چیزی منتظر تصمیم نیست.
admin-pending-count = در انتظار: { $count }
admin-pending-next = قدیمی‌ترها اول آمده‌اند. برای دیدن رسید، روی ردیف آن بزنید.
admin-pending-row = { $amount } · { $name } · { $age }
admin-history-title = <b>پرداخت‌های</b> { $person }
admin-history-record = رسیدها: { $good } پذیرفته، { $bad } ردشده
admin-history-row = { $amount } · { $state } · { $date }
