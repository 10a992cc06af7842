# The wallet and the trial.
wallet-title = <b>کیف پول</b>
wallet-balance = موجودی: <b>{ $amount }</b>
wallet-held = بلوکه‌شده: { $amount }
wallet-about = پولی که برای سفارشی لازم نبوده و بازپرداخت‌ها اینجا برای شما می‌ماند.

trial-title = <b>تست رایگان</b>
trial-once = هر نفر یک بار. با زدن دکمه شروع می‌شود.
trial-had = شما تست خود را در { $date } گرفته‌اید. تست برای هر نفر یک بار است.
trial-cooldown = هنوز کمی مانده است. از این زمان می‌توانید شروع کنید: { $moment }
trial-closed = فعلاً تست رایگان نداریم.
trial-no-panel = الان همهٔ سرورها پر هستند. لطفاً بعداً امتحان کنید.
