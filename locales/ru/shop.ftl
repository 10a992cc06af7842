# The shelf: categories, locations, plans.
shop-title = <b>Купить подписку</b>
shop-ask-category = Какое подключение вам нужно?
shop-ask-location = Какая локация вам нужна?
shop-ask-plan = На какой срок и сколько трафика?
shop-empty = Сейчас в продаже ничего нет. Загляните позже или спросите поддержку.
shop-gone = Этот тариф больше не продаётся. Вот что есть сегодня.
shop-plan-line = { $title } · { $price }
shop-days = Срок: { $span }
shop-traffic = Трафик: { $traffic }
shop-traffic-unlimited = Трафик: без ограничений
shop-devices = Устройств одновременно: { $count }
shop-devices-unlimited = Устройств одновременно: без ограничений
shop-location = Локация: { $location }
shop-category = Тип: { $category }
shop-price = Цена: <b>{ $price }</b>
