# The shelf: categories, locations, plans.
shop-title = <b>خرید سرویس</b>
shop-ask-category = چه نوع اتصالی می‌خواهید؟
shop-ask-location = کدام موقعیت را می‌خواهید؟
shop-ask-plan = چه مدت و با چه حجمی؟
shop-empty = الان پلنی برای فروش نداریم. لطفاً بعداً سر بزنید یا از پشتیبانی بپرسید.
shop-gone = این پلن دیگر فروخته نمی‌شود. پلن‌های امروز این‌هاست.
shop-plan-line = { $title } · { $price }
shop-days = مدت: { $span }
shop-traffic = حجم: { $traffic }
shop-traffic-unlimited = حجم: نامحدود
shop-devices = تعداد دستگاه هم‌زمان: { $count }
shop-devices-unlimited = تعداد دستگاه هم‌زمان: نامحدود
shop-location = موقعیت: { $location }
shop-category = نوع: { $category }
shop-price = قیمت: <b>{ $price }</b>
