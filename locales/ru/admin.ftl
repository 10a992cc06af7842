# Staff: the card of a payment, its review, and what a review refuses.
admin-do-approve = Принять
admin-do-approve-as = Да, принять столько
admin-do-ask-amount = Принять другую сумму
admin-do-reject = Отклонить
admin-do-ask-reason = Написать причину
admin-do-reject-ban = Отклонить и закрыть
admin-do-reject-ban-yes = Да, отклонить и закрыть
admin-do-undo = Вернуть решение
admin-do-card = Назад к чеку
admin-do-open = Показать чек
admin-do-pending = Чеки на проверке
admin-do-history = История платежей
admin-do-stop = Отмена, не менять

admin-clock = часы магазина
admin-at = { $date } { $time }
admin-done = Готово.
admin-already = Это уже так.
admin-stopped = Отменено. Ничего не изменилось.
admin-topic-payments = Платежи
admin-topic-alarms = Тревоги
admin-topic-support = Поддержка

admin-person-named = { $name } ({ $username }, { $id })
admin-person-plain = { $name } ({ $id })

admin-card-amount = Сумма: <b>{ $amount }</b>, платёж { $id }
admin-card-person = Человек: { $person }
admin-card-record = С нами { $since }; чеки: { $good } верных, { $bad } неверных
admin-card-new = Покупка: { $plan }, { $price }
admin-card-renewal = Покупка: продление, { $plan }, { $price }
admin-card-method = Карта: { $alias }, последние цифры { $last4 }
admin-card-sent = Отправлен: { $when }
admin-card-receipts = Чеков: { $count }; остальные ниже
admin-card-lent = До решения выдана часть услуги.
admin-card-text = Текст: { $text }
admin-card-further = Ещё один чек к платежу { $id }
admin-card-why = <b>Почему отклоняется?</b> Человек прочтёт причину.
admin-card-ban = <b>Отклонить и закрыть доступ?</b> Заказ закончится, выданная часть отключится, магазин закроется для этого человека.
admin-card-approved = <b>Принят</b>: { $amount }, платёж { $id }
admin-card-rejected = <b>Отклонён</b>: { $amount }, платёж { $id }. { $reason }
admin-card-cancelled = <b>Отозван</b>: { $amount }, платёж { $id }
admin-card-expired = <b>Истёк</b>: { $amount }, платёж { $id }
admin-card-open = <b>Чека ещё нет</b>: { $amount }, платёж { $id }
admin-card-whom = { $name }: { $plan }
admin-card-by = Решение: { $who }, { $when }

admin-flag-same-photo = Это фото уже присылали
admin-flag-alike-photo = Похожее фото уже присылали
admin-flag-same-number = Этот номер перевода уже присылали
admin-flag-daily-limit = Карта превысила дневной лимит
admin-flag-late = Пришёл после закрытия заказа
admin-flag-edited = Сообщение изменили после отправки
admin-twin-own = тот же человек
admin-twin-photo = То же фото, что в платеже { $payment }: { $who } ({ $state })
admin-twin-alike = Фото похоже на платёж { $payment }: { $who } ({ $state })
admin-twin-number = Тот же номер перевода, что в платеже { $payment }: { $who } ({ $state })

admin-reason-not-received = Деньги не пришли
admin-reason-wrong-amount = Сумма неверна
admin-reason-unreadable = Чек не читается
admin-reason-duplicate = Чек уже был

admin-payment-open = ждёт чека
admin-payment-submitted = на проверке
admin-payment-approved = принят
admin-payment-rejected = отклонён
admin-payment-cancelled = отозван
admin-payment-expired = истёк
admin-payment-unknown = Платежа с таким номером нет. Список: /payments.
admin-payment-decided = Уже решено: { $state }, { $who }, { $when }.
admin-payment-no-receipt = Чека по этому платежу ещё нет.
admin-payment-not-waiting = Этот платёж уже не ждёт решения.

admin-ask-amount = Платёж { $id }, ожидалось { $amount }.
    Ответьте на это сообщение суммой, которая пришла.
admin-ask-reason = Платёж { $id }, { $amount }.
    Ответьте на это сообщение причиной. Человек её прочтёт.
admin-amount-unread = Не получилось прочитать сумму. Достаточно цифр, например <code>250000</code> или <code>250k</code>.
admin-amount-bad = Такую сумму провести нельзя.
admin-amount-enough = Платёж { $id }: принять <b>{ $amount }</b> вместо { $due }?
    Заказ возьмёт { $price }; { $rest } останется в кошельке.
admin-amount-short = Платёж { $id }: принять <b>{ $amount }</b> вместо { $due }?
    Заказ стоит { $price } и закроется, не хватает { $rest }. Всё пришедшее останется в кошельке.

admin-undo-nothing = Нет решения, которое можно вернуть.
admin-undo-late = Время для возврата решения вышло.
admin-undo-delivered = Услуга уже выдана.
admin-undo-spent = Эти деньги уже потрачены из кошелька.

admin-refused-talk = Ваша роль ({ $role }) только смотрит. Это может поддержка, кассир или владелец.
admin-refused-money = Ваша роль ({ $role }) не решает о деньгах. Это может кассир или владелец.
admin-refused-staff = Ваша роль ({ $role }) не меняет роли. Это может владелец.
admin-refused-own = Это ваши собственные деньги. Решить должен кто-то другой.
admin-role-owner = владелец
admin-role-cashier = кассир
admin-role-support = поддержка
admin-role-viewer = наблюдатель

admin-pending-title = <b>Чеки на проверке</b>
admin-pending-none = Ничего не ждёт решения.
admin-pending-count = Ждут: { $count }
admin-pending-next = Сначала старые. Нажатие открывает чек.
admin-pending-row = { $amount } · { $name } · { $age }
admin-history-title = <b>Платежи</b>: { $person }
admin-history-record = Чеки: { $good } верных, { $bad } неверных
admin-history-row = { $amount } · { $state } · { $date }
