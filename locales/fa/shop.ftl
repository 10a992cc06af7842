# The shelf: categories, locations, plans.
shop-title = <b>خرید سرویس</b>
shop-ask-category = چه نوع اتصالی می‌خواهید؟
shop-ask-location = خروجی سرویس کجا باشد؟
shop-ask-plan = چه مدت و چقدر حجم؟
shop-empty = الان چیزی برای فروش نیست. لطفاً بعداً سر بزنید یا از پشتیبانی بپرسید.
shop-gone = این پلن دیگر فروخته نمی‌شود. امروز این‌ها را داریم.
shop-plan-line = { $title } · { $price }
shop-days = مدت: { $span }
shop-traffic = حجم: { $traffic }
shop-traffic-unlimited = حجم: نامحدود
shop-devices = { $count ->
    [one] تعداد دستگاه: یک دستگاه هم‌زمان
   *[other] تعداد دستگاه: { $count } دستگاه هم‌زمان
}
shop-devices-unlimited = تعداد دستگاه: بدون محدودیت
shop-location = موقعیت: { $location }
shop-category = نوع: { $category }
shop-price = قیمت: <b>{ $price }</b>
