# Invoices of Telegram's own.
payment-invoice-unknown = این صورت‌حساب دیگر معتبر نیست. فروشگاه را باز کنید و سفارش را از نو شروع کنید.
