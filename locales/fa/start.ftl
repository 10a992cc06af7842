# The language, and the commands behind Telegram's menu button.
language-ask = <b>زبان</b>
    زبانی را که با آن راحت‌ترید انتخاب کنید.

command-start = خانه
command-buy = خرید سرویس
command-services = سرویس‌های من
command-wallet = کیف پول
command-trial = تست رایگان
command-agent = همکاری در فروش
command-support = پیام به پشتیبانی
command-language = تغییر زبان
command-help = راهنما
command-cancel = انصراف از مرحلهٔ فعلی
