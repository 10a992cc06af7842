# Staff: corrections of an agent's credit account, and those that wait for a second owner.
correction-add-ask = چقدر به اعتبار { $name } <b>اضافه</b> شود و چرا؟ الان { $balance } قابل خرج است.
    مبلغ و دلیل را در پاسخ بنویسید، مثل <code>50000 جبران تأخیر</code>.
correction-take-ask = چقدر از اعتبار { $name } <b>کم</b> شود و چرا؟ الان { $balance } قابل خرج است.
    مبلغ و دلیل را در پاسخ بنویسید، مثل <code>50000 دو بار واریز شده</code>.
correction-add-confirm = <b>{ $amount }</b> به اعتبار { $name } اضافه شود؟
    قبل: { $before }
    بعد: { $after }
    دلیل: { $reason }
correction-take-confirm = <b>{ $amount }</b> از اعتبار { $name } کم شود؟
    قبل: { $before }
    بعد: { $after }
    دلیل: { $reason }
correction-add-done = { $amount } اضافه شد. حالا { $balance } قابل خرج است.
correction-take-done = { $amount } کم شد. حالا { $balance } قابل خرج است.
correction-short = فقط { $balance } قابل برداشت است.
correction-frozen = این حساب متوقف است و چیزی از آن کم نمی‌شود.
correction-closed = نمایندگی بسته و حسابش تسویه شده است: دیگر چیزی در آن ثبت نمی‌شود.
correction-beyond = امروز تا { $alone } را به‌تنهایی می‌توانید اصلاح کنید. این بیشتر است و از مالک دوم پرسیده می‌شود.
correction-waits = این کار منتظر مالک دوم است. کارت آن در گروه است و تا آن وقت چیزی ثبت نمی‌شود.
correction-own = شخص دیگری باید این را تأیید کند.
correction-decided = دربارهٔ این تصمیم گرفته شده است. وضعیتش همین است.
correction-card-wallet-add = <b>تأیید مالک دوم لازم است</b>: افزودن { $amount } به یک کیف پول
correction-card-wallet-take = <b>تأیید مالک دوم لازم است</b>: برداشت { $amount } از یک کیف پول
correction-card-credit-add = <b>تأیید مالک دوم لازم است</b>: افزودن { $amount } به اعتبار یک نماینده
correction-card-credit-take = <b>تأیید مالک دوم لازم است</b>: برداشت { $amount } از اعتبار یک نماینده
correction-card-reason = دلیل: { $reason }
correction-card-asked = درخواست: { $who }، { $when }
correction-card-until = مهلت: { $when }
correction-card-next = مالکی جز درخواست‌کننده آن را تأیید می‌کند و همان لحظه ثبت می‌شود.
correction-card-done = <b>ثبت شد</b>: با تأیید { $who }، { $when }
correction-card-refused = <b>ثبت نشد</b>: { $who }، { $when }
correction-card-expired = <b>ثبت نشد</b>: تا { $when } کسی تأیید نکرد
correction-do-add = افزایش اعتبار
correction-do-take = کاهش اعتبار
correction-do-confirm = تأیید و ثبت
correction-do-refuse = ثبت نشود
