# Invoices of Telegram's own.
payment-invoice-unknown = This invoice is no longer valid. Open the shop and start the order again.
