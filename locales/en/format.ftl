# Values: money, sizes, spans, moments. `amount` comes grouped already; `count` only chooses the plural form.
format-irt = { $count ->
   *[other] { $amount } Toman
}
format-usd = { $count ->
   *[other] { $amount } USD
}
format-usdt = { $count ->
   *[other] { $amount } USDT
}
format-xtr = { $count ->
    [one] { $amount } Star
   *[other] { $amount } Stars
}
format-gb = { $amount } GB
format-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
format-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
format-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
format-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
format-now = now
format-in = in { $span }
format-ago = { $span } ago
format-moment = { $relative }, { $date } { $time }
