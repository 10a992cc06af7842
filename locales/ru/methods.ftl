# Staff: payment methods, their limits, and adding one.
methods-title = <b>Способы оплаты</b>
methods-none = Способов оплаты ещё нет. Их указывают в файле магазина, или владелец добавляет их здесь.
methods-row = { $sign } <b>{ $alias }</b>: { $kind }, на { $last4 }
methods-load = Сегодня: { $load }. Осталось: { $room }
methods-sum = { $count ->
    [one] { $count } платёж, { $amount }
    [few] { $count } платежа, { $amount }
   *[other] { $count } платежей, { $amount }
}
methods-sum-count = { $count ->
    [one] { $count } платёж
    [few] { $count } платежа
   *[other] { $count } платежей
}
methods-no-limit = без лимита
methods-page = <b>{ $alias }</b> ({ $code })
methods-what = { $kind }, на { $last4 }
methods-kind-card = Карта
methods-kind-sheba = Номер Шеба
methods-kind-crypto = Криптовалюта
methods-holder = Получатель: { $holder }
methods-bank = Банк: { $bank }
methods-network = Сеть: { $network }
methods-unchecked = Адреса этой сети не проверяются.
methods-on = Статус: включён
methods-off = Статус: <b>выключен</b>
methods-hours = Часы: с { $from } до { $to }
methods-daily-count = Платежей в день: не больше { $count }
methods-daily-limit = Сумма в день: не больше { $amount }
methods-minimum = Наименьшая цена: { $amount }
methods-maximum = Наибольшая цена: { $amount }
methods-audience = Для кого: { $who }
methods-note = Заметка: { $note }
methods-for-everybody = для всех
methods-for-new = Новые покупатели
methods-for-known = Проверенные покупатели
methods-for-agents = Агенты
methods-for-nobody = Кто-то должен остаться. Если способ ни для кого, выключите его.
methods-audience-title = <b>Для кого { $alias }?</b>
methods-audience-next = Нажатие переключает. У новых покупателей ещё нет принятого чека, у проверенных есть.
methods-unknown = Такого способа оплаты нет. Все способы: /methods.
methods-taken = Этот номер или адрес уже есть у «{ $alias }».
methods-crossed = Наименьшая цена окажется выше наибольшей. Пришлите, пожалуйста, другое число.

methods-do-list = Способы оплаты
methods-do-show = Назад к способу
methods-do-on = Включить
methods-do-off = Выключить
methods-do-alias = Название
methods-do-note = Заметка
methods-do-hours = Часы
methods-do-count = Платежей в день
methods-do-limit = Сумма в день
methods-do-minimum = Наименьшая цена
methods-do-maximum = Наибольшая цена
methods-do-audience = Для кого
methods-do-clear = Оставить пустым
methods-do-add = Добавить способ
methods-do-no-bank = Без банка
methods-do-add-yes = Да, добавить

methods-ask-alias = Ответьте на это сообщение названием, под которым { $alias } знает персонал.
methods-ask-note = Ответьте на это сообщение заметкой о { $alias }. Она стоит на карточке каждого чека, только для персонала.
methods-ask-hours = Ответьте на это сообщение часами, в которые предлагается { $alias }, например <code>09:00-23:30</code>. Можно через полночь: <code>22:00-02:00</code>.
methods-ask-count = Ответьте на это сообщение числом платежей, которые { $alias } принимает в день.
methods-ask-limit = Ответьте на это сообщение суммой, которую { $alias } принимает в день, например <code>50000000</code> или <code>50000k</code>.
methods-ask-minimum = Ответьте на это сообщение наименьшей ценой, которую принимает { $alias }.
methods-ask-maximum = Ответьте на это сообщение наибольшей ценой, которую принимает { $alias }.
methods-bad-words = Текст пустой или слишком длинный. Пришлите, пожалуйста, короче.
methods-bad-number = Не получилось прочитать число больше нуля. Достаточно цифр, например <code>250000</code> или <code>250k</code>.
methods-bad-hours = Не получилось прочитать часы. Напишите их как <code>09:00-23:30</code>; начало и конец должны различаться.

methods-add-title = <b>Новый способ оплаты</b>
methods-add-kind = Куда переводят деньги?
methods-add-network = Какая сеть? Выберите или напишите название.
methods-add-card = Пришлите 16 цифр карты.
methods-add-sheba = Пришлите номер Шеба: IR и 24 цифры.
methods-add-address = Пришлите адрес в сети { $network }.
methods-add-holder = Пришлите имя получателя, как его покажет банк покупателя.
methods-add-bank = Пришлите название банка, как его прочтут покупатели.
methods-add-ask = Добавить? Сначала он выключен: задайте лимиты, потом включите.
methods-add-owner = Номер решает, куда идут деньги, поэтому способ оплаты добавляет только владелец.
methods-add-private = Номеру не место в группе. Отправьте мне /methods в личном чате.
methods-add-gone = Это уже сделано, или с тех пор открыт другой вопрос.
methods-sum-right = Контрольные цифры верны.
methods-sum-none = Контрольных цифр для проверки нет; сверьте по буквам.
methods-bad-card = Это не номер карты: нужны 16 цифр, и последняя должна сходиться с остальными. Поищите опечатку.
methods-bad-sheba-form = Это не номер Шеба: нужны IR и 24 цифры.
methods-bad-sheba-check = Контрольные цифры этого номера Шеба не сходятся. Поищите опечатку.
methods-bad-address-form = Это не адрес в сети { $network }. Скопируйте его из кошелька ещё раз.
methods-bad-address-check = Контрольная сумма адреса в сети { $network } не сходится. Скопируйте его из кошелька ещё раз.
methods-bad-address = Это не адрес: нужны от 8 до 128 букв и цифр без пробелов.
