# Staff: people, orders that are late, panels, numbers, roles, commands.
admin-do-person = Всё о человеке
admin-do-message = Написать сообщение
admin-do-credit = Пополнить кошелёк
admin-do-debit = Списать из кошелька
admin-do-ban = Закрыть доступ
admin-do-ban-yes = Да, без объяснений
admin-do-unban = Открыть доступ
admin-do-correct = Да, провести
admin-do-order = Назад к заказу
admin-do-refund = Вернуть деньги
admin-do-refund-yes = Да, вернуть
admin-do-move = Другая панель
admin-do-panels = Обновить панели
admin-do-stats = Обновить цифры
admin-do-help = Справка персонала

command-payments = Чеки на проверке
command-user = Всё о человеке
command-methods = Способы оплаты
command-stats = Цифры магазина
command-report = Отчёты, графики и файлы
command-panels = Как работают панели
command-nodes = То же, что /panels
command-approve = Подтвердить платёж
command-reject = Отклонить платёж
command-refund = Вернуть деньги за заказ
command-staff = Кто в персонале
command-grant = Дать человеку роль
command-revoke = Снять с человека роль
command-backup = Сделать резервную копию
command-staff-help = Что может персонал

admin-help-title = <b>Что может персонал</b>
admin-help-look = /payments: чеки на проверке, сначала старые
    /user <code>id, @name or #code</code>: всё о человеке
    /methods: способы оплаты, лимиты и остаток
    /panels, /nodes: как работают панели
    /stats: цифры за сегодня, 7 и 30 дней
    /report: продажи за любые дни, графики, Excel
    /staff: кто в персонале
admin-help-money = /approve <code>payment [amount]</code>: подтвердить платёж
    /reject <code>payment [reason]</code>: отклонить платёж
    /refund <code>#order</code>: вернуть деньги за заказ
admin-help-staff = /grant <code>id or @name role</code>: дать роль (owner, cashier, support, viewer)
    /revoke <code>id or @name</code>: снять роль
    /backup: сделать резервную копию магазина и увидеть её здесь
admin-usage-approve = Пишите так: /approve <code>payment [amount]</code>, например:
    <code>/approve 0ABC123DEF 250000</code>
admin-usage-reject = Пишите так: /reject <code>payment [reason]</code>, например:
    <code>/reject 0ABC123DEF фото обрезано</code>
admin-usage-refund = Пишите так: /refund <code>#order</code>, например:
    <code>/refund #0ABC123DEF</code>
admin-usage-user = Пишите так: /user <code>id, @name or #code</code>, например:
    <code>/user @sara</code>
admin-usage-grant = Пишите так: /grant <code>id or @name role</code>; роли: owner, cashier, support, viewer. Например:
    <code>/grant @sara cashier</code>
admin-usage-revoke = Пишите так: /revoke <code>id or @name</code>, например:
    <code>/revoke @sara</code>

admin-person-title = <b>Человек</b>: { $person }
admin-person-unknown = Никого не нашлось. Подойдёт id, @name или код заказа, платежа, подписки.
admin-person-since = С нами с: { $date } ({ $since })
admin-person-welcome = Статус: доступ открыт
admin-person-banned = Статус: <b>доступ закрыт</b>
admin-person-banned-for = Статус: <b>доступ закрыт</b>, { $reason }
admin-person-blocked = Статус: бот заблокирован { $date }
admin-person-lang = Язык: { $lang }
admin-person-role = Роль: { $role }
admin-person-wallet = Кошелёк: { $amount }
admin-person-services = <b>Подписки</b>: { $count }
admin-person-service = { $id } { $plan }, { $state }, до { $until }
admin-person-orders = <b>Заказы</b>: { $count }
admin-person-order = { $id } { $plan }, { $price }, { $state }
admin-person-acts = <b>Что делал персонал</b>
admin-person-act = { $when }: { $act }, { $became }, { $who }
admin-service-pending = готовится
admin-service-active = активна
admin-service-disabled = приостановлена
admin-service-ended = закончилась
admin-service-deleted = удалена

admin-ban-ask = Закрыть доступ: <b>{ $name }</b>? Магазин закроется для этого человека; купленное продолжит работать.
    Ответьте на это сообщение причиной: человек её прочтёт.
admin-ban-staff = Это сотрудник, ему нельзя закрыть доступ. Сначала снимите роль.
admin-message-ask = Ответьте на это сообщение текстом для человека: { $name }. Он уйдёт от имени магазина.
admin-message-long = Слишком длинно; подойдёт до { $most } символов.
admin-message-blocked = { $name }: бот заблокирован, сообщения не доходят.
admin-message-sent = Отправлено: { $name }.

admin-credit-ask = Сколько <b>добавить</b> в кошелёк и почему? { $name }, сейчас { $balance }.
    Ответьте суммой и причиной, например <code>50000 за опоздание</code>.
admin-debit-ask = Сколько <b>списать</b> из кошелька и почему? { $name }, сейчас { $balance }.
    Ответьте суммой и причиной, например <code>50000 двойной перевод</code>.
admin-correction-unread = Нужна сумма и после неё причина. Пришлите их одним сообщением.
admin-correction-waits = Цифры выше ждут вашего «да».
admin-correction-gone = Это уже сделано, или с тех пор открыт другой вопрос.
admin-debit-short = В кошельке только { $balance }.
admin-credit-confirm = Добавить <b>{ $amount }</b> в кошелёк: { $name }?
    Было: { $before }
    Станет: { $after }
    Причина: { $reason }
admin-debit-confirm = Списать <b>{ $amount }</b> из кошелька: { $name }?
    Было: { $before }
    Станет: { $after }
    Причина: { $reason }
admin-credit-done = Добавлено { $amount }. В кошельке { $balance }.
admin-debit-done = Списано { $amount }. В кошельке { $balance }.

admin-order-title = <b>Заказ</b> { $id }
admin-order-unknown = Заказа с таким номером нет.
admin-order-line = Статус: { $state }
admin-order-paid-at = Оплачен: { $when }
admin-order-panel = Панель: { $panel }
admin-order-placed = ждёт оплаты
admin-order-paid = оплачен, не выдан
admin-order-delivered = выдан
admin-order-cancelled = отменён
admin-order-expired = срок истёк
admin-order-rejected = отклонён
admin-order-refunded = деньги возвращены
admin-order-not-late = Здесь ничего делать не нужно, заказ: { $state }.
admin-refund-ask = { $amount } вернётся в кошелёк: { $name }; подписка больше не готовится.
admin-refund-ask-credit = { $amount } вернётся на счёт агента: { $name }; подписка больше не готовится.
admin-move-ask = На какой панели её создать? Заказ остаётся, ссылка придёт покупателю, когда всё будет готово.
admin-move-none = Других панелей для этого тарифа, которые берут новых, нет. Можно вернуть деньги.
admin-move-row = { $panel } ({ $health })
admin-move-closed = Эта панель сейчас не берёт новых. Выберите, пожалуйста, другую.
admin-move-cannot = Эту подписку сейчас нельзя перенести.

admin-panels-title = <b>Панели</b>
admin-panels-none = Панелей ещё нет. Они указываются в файле магазина.
admin-panels-next = Панели проверяются раз в минуту. Включает и выключает их файл магазина.
admin-panel-name = { $sign } <b>{ $panel }</b> ({ $kind }), { $intake }
admin-panel-health = Статус: { $health }
admin-panel-health-since = Статус: { $health }, уже { $since }
admin-panel-version = Версия: { $version }
admin-panel-accounts = Учётных записей: { $count }
admin-panel-accounts-of = Учётных записей: { $count } из { $most }
admin-panel-checked = Проверена: { $ago }
admin-panel-error = Последняя ошибка, { $ago }: { $error }
admin-health-unknown = ещё не проверена
admin-health-well = в порядке
admin-health-down = не отвечает
admin-health-locked-out = не принимает наш вход
admin-intake-on = берёт новых
admin-intake-draining = держит своих, новых не берёт
admin-intake-off = выключена

admin-stats-title = <b>Магазин в цифрах</b>
admin-stats-today = <b>Сегодня</b>, в сравнении со вчера к этому часу
admin-stats-week = <b>7 дней</b>, в сравнении с 7 днями до этого
admin-stats-month = <b>30 дней</b>, в сравнении с 30 днями до этого
admin-stats-revenue = Выручка: { $amount } { $change }
admin-stats-sales = Продажи: { $count } { $change }
admin-stats-people = Новые люди: { $count } { $change }
admin-stats-pending = Проверяется: { $count }, { $amount }
admin-stats-undelivered = Оплачено, не выдано: { $count }
admin-stats-chart = На картинке выручка за каждый из последних 30 дней.

admin-staff-title = <b>Персонал</b>
admin-staff-row = { $role }: { $person }
admin-staff-next = Владелец даёт роли через /grant и снимает через /revoke.
admin-grant-done = { $name }: теперь { $role }.
admin-revoke-done = { $name }: роли больше нет.
admin-revoke-owner = Этот владелец указан в настройках сервера, и снять его можно только там.
