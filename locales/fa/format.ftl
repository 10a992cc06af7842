# Values: money, sizes, spans, moments. `amount` comes grouped already; `count` only chooses the plural form.
format-irt = { $count ->
   *[other] { $amount } تومان
}
format-usd = { $count ->
   *[other] { $amount } دلار
}
format-usdt = { $count ->
   *[other] { $amount } تتر
}
format-xtr = { $count ->
   *[other] { $amount } استارز
}
format-gb = { $amount } گیگابایت
format-days = { $count } روز
format-hours = { $count } ساعت
format-minutes = { $count } دقیقه
format-seconds = { $count } ثانیه
format-now = همین حالا
format-in = { $span } دیگر
format-ago = { $span } پیش
format-moment = { $relative }، { $date } { $time }
