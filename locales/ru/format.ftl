# Values: money, sizes, spans, moments. `amount` comes grouped already; `count` only chooses the plural form.
format-irt = { $count ->
    [one] { $amount } томан
    [few] { $amount } томана
   *[other] { $amount } томанов
}
format-usd = { $count ->
   *[other] { $amount } USD
}
format-usdt = { $count ->
   *[other] { $amount } USDT
}
format-xtr = { $count ->
    [one] { $amount } звезда
    [few] { $amount } звезды
   *[other] { $amount } звёзд
}
format-gb = { $amount } ГБ
format-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}
format-hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[other] { $count } часов
}
format-minutes = { $count } мин
format-seconds = { $count } сек
format-now = сейчас
format-in = через { $span }
format-ago = { $span } назад
format-moment = { $relative }, { $date } { $time }
