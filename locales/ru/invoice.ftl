# Invoices of Telegram's own.
payment-invoice-unknown = Этот счёт больше не действует. Откройте магазин и оформите заказ заново.
