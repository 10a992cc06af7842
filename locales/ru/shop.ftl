# The shelf: categories, locations, plans.
shop-title = <b>Купить услугу</b>
shop-ask-category = Какое подключение вам нужно?
shop-ask-location = Где должен быть выход?
shop-ask-plan = На какой срок и сколько трафика?
shop-empty = Сейчас в продаже ничего нет. Загляните позже или спросите поддержку.
shop-gone = Этот план больше не продаётся. Вот что есть сегодня.
shop-plan-line = { $title } · { $price }
shop-days = Срок: { $span }
shop-traffic = Трафик: { $traffic }
shop-traffic-unlimited = Трафик: без ограничений
shop-devices = { $count ->
    [one] Устройства: { $count } одновременно
   *[other] Устройства: { $count } одновременно
}
shop-devices-unlimited = Устройства: сколько угодно
shop-location = Локация: { $location }
shop-category = Тип: { $category }
shop-price = Цена: <b>{ $price }</b>
