# Staff: the card of a payment, its review, and what a review refuses.
admin-do-approve = Подтвердить
admin-do-approve-as = Да, подтвердить
admin-do-ask-amount = Подтвердить другую сумму
admin-do-reject = Отклонить
admin-do-ask-reason = Написать причину
admin-do-reject-ban = Отказать, закрыть доступ
admin-do-reject-ban-yes = Да, закрыть доступ
admin-do-undo = Отменить решение
admin-do-card = Назад к чеку
admin-do-open = Показать чек
admin-do-pending = Чеки на проверке
admin-do-history = История платежей
admin-do-stop = Отмена, не менять

admin-clock = сам магазин
admin-at = { $date } { $time }
admin-done = Готово.
admin-already = Это уже так.
admin-stopped = Отменено. Ничего не изменилось.
admin-topic-payments = Платежи
admin-topic-alarms = Тревоги
admin-topic-support = Поддержка
admin-topic-backups = Резервные копии

admin-person-named = { $name } ({ $username }, { $id })
admin-person-plain = { $name } ({ $id })

admin-card-amount = Сумма: <b>{ $amount }</b>, платёж { $id }
admin-card-person = Покупатель: { $person }
admin-card-record = С нами { $since }; чеков принято: { $good }, отклонено: { $bad }
admin-card-new = Покупка: { $plan }, { $price }
admin-card-renewal = Покупка: продление, { $plan }, { $price }
admin-card-parts = Кошелёк платит { $part }; переводом { $rest }
admin-card-topup = Назначение: <b>пополнение кошелька</b>; в нём { $wallet }
admin-card-topup-credit = Назначение: <b>пополнение счёта агента</b>
admin-card-topup-short = пополнение
admin-card-method = Карта: { $alias }, последние цифры { $last4 }
admin-card-method-sheba = Шеба: { $alias }, последние цифры { $last4 }
admin-card-method-crypto = Криптовалюта: { $alias } ({ $network }), адрес на { $last4 }
admin-card-note = Заметка: { $note }
admin-card-sent = Отправлен: { $when }
admin-card-receipts = Чеков: { $count }; считается последний
admin-card-lent = До решения работает часть подписки.
admin-card-text = Текст: { $text }
admin-card-further = Ещё один чек к платежу { $id }
admin-card-why = <b>Почему отклоняется?</b> Покупатель прочтёт причину.
admin-card-ban = <b>Отклонить и закрыть доступ?</b> Заказ закроется, часть подписки отключится, магазин закроется для этого покупателя.
admin-card-approved = <b>Подтверждён</b>: { $amount }, платёж { $id }
admin-card-rejected = <b>Отклонён</b>: { $amount }, платёж { $id }. { $reason }
admin-card-cancelled = <b>Отменён</b>: { $amount }, платёж { $id }
admin-card-expired = <b>Срок истёк</b>: { $amount }, платёж { $id }
admin-card-open = <b>Чека ещё нет</b>: { $amount }, платёж { $id }
admin-card-whom = { $name }: { $plan }
admin-card-by = Решение: { $who }, { $when }

admin-flag-same-photo = Это фото уже присылали
admin-flag-alike-photo = Похожее фото уже присылали
admin-flag-same-number = Этот номер перевода уже присылали
admin-flag-amount = В сообщении указана другая сумма
admin-flag-amount-said = В сообщении указано { $amount }, а это не сумма к оплате
admin-flag-daily-limit = Способ оплаты превысил дневной лимит
admin-flag-late = Пришёл после закрытия заказа
admin-flag-edited = Сообщение изменили после отправки
admin-flag-not-compared = Содержимое не удалось сравнить с прежними чеками
admin-flag-unnamed = Покупатель не выбрал заказ
admin-twin-own = тот же человек
admin-twin-photo = То же фото, что в платеже { $payment }: { $who } ({ $state })
admin-twin-alike = Фото похоже на платёж { $payment }: { $who } ({ $state })
admin-twin-number = Тот же номер перевода, что в платеже { $payment }: { $who } ({ $state })

admin-reason-not-received = Деньги не пришли
admin-reason-wrong-amount = Сумма неверна
admin-reason-unreadable = Чек не читается
admin-reason-duplicate = Чек уже был

admin-payment-open = ждёт чека
admin-payment-submitted = проверяется
admin-payment-approved = подтверждён
admin-payment-rejected = отклонён
admin-payment-cancelled = отменён
admin-payment-expired = срок истёк
admin-payment-unknown = Платежа с таким номером нет. Список: /payments.
admin-payment-decided = Уже решено: { $state }, { $who }, { $when }.
admin-payment-no-receipt = Чека по этому платежу ещё нет.
admin-payment-not-waiting = Этот платёж уже не ждёт решения. Что ждёт: /payments.

admin-ask-reply = Если это ответ на мой вопрос, отправьте его ответом на то сообщение. Пока ничего не сделано.
admin-ask-gone = Тот вопрос закрыт: после него вам задан другой. Ничего не сделано.
admin-ask-not-yours = Этот вопрос задан не вам.
admin-ask-words = Здесь нужны слова. Ответьте, пожалуйста, на вопрос текстом.
admin-anonymous = Вы пишете от имени самой группы, поэтому я не могу узнать, кто вы и что вам можно. Выключите у себя «Анонимность» в списке администраторов группы и отправьте ещё раз.
admin-ask-amount = Платёж { $id }, сумма заказа: { $amount }.
    Ответьте на это сообщение суммой, которая поступила.
admin-ask-reason = Платёж { $id }, { $amount }.
    Ответьте на это сообщение причиной. Покупатель её прочтёт.
admin-amount-unread = Не получилось прочитать сумму. Достаточно цифр, например <code>250000</code> или <code>250k</code>.
admin-amount-bad = Такую сумму провести нельзя. Пришлите, пожалуйста, другую.
admin-amount-enough = Платёж { $id }: подтвердить <b>{ $amount }</b> вместо { $due }?
    На заказ пойдёт { $price }; в кошельке останется { $rest }.
admin-amount-short = Платёж { $id }: подтвердить <b>{ $amount }</b> вместо { $due }?
    Заказ стоит { $price }, не хватает { $rest }. Заказ закроется, все деньги останутся в кошельке.
admin-amount-topup = Платёж { $id }: подтвердить <b>{ $amount }</b> вместо { $due }?
    Вся сумма поступит на счёт покупателя.

admin-undo-nothing = Нет решения, которое можно отменить.
admin-undo-late = Время на отмену решения вышло.
admin-undo-delivered = Подписка уже выдана.
admin-undo-renewed = Подписку уже продлили. Сначала отмените продление.
admin-undo-spent = Эти деньги уже потрачены из кошелька.

admin-refused-talk = Ваша роль ({ $role }) даёт только просмотр. Это может сделать поддержка, кассир или владелец.
admin-refused-money = Ваша роль ({ $role }) не решает о деньгах. Это может сделать кассир или владелец.
admin-refused-staff = Ваша роль ({ $role }) не меняет роли. Это может сделать владелец.
admin-refused-own = Это ваш собственный платёж. Решить должен кто-то другой.
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
admin-history-record = Чеков принято: { $good }, отклонено: { $bad }
admin-history-row = { $amount } · { $state } · { $date }
