# The services that a person owns.
services-title = <b>Мои подписки</b>
services-none = У вас пока нет подписок. Выберите тариф, и подписка появится здесь.
services-choose = Выберите подписку, чтобы увидеть ссылку и остаток.
services-trial = Пробный период
services-one-title = <b>{ $title }</b> · { $id }
services-state = Статус: { $state }
services-state-active = активна
services-state-provisional = активна, пока проверяется чек
services-state-pending = готовится
services-state-disabled = приостановлена
services-state-ended = закончилась
services-until = Окончание: { $moment }
services-ended-at = Закончилась: { $moment }
services-traffic = Осталось трафика: { $left } из { $quota }
services-traffic-unlimited = Трафик: без ограничений, использовано { $used }
services-link = Ссылка: { $link }
services-hint-pending = Ссылка придёт сюда, как только подписка будет готова, обычно в течение минуты.
services-hint-provisional = Когда платёж подтвердят, подписка станет полной, а ссылка останется той же.
services-hint-connect = Подключений ещё не было. Начните с кнопки «Добавить в приложение».
services-hint-disabled = Магазин приостановил эту подписку. Причину подскажет поддержка.
services-hint-renew = Продлите её, и та же ссылка снова заработает.
services-hint-resold = Эту подписку вам продал агент магазина. Чтобы продлить её, обратитесь к тому, кто её продал.
services-hint-buy = Чтобы продолжить, выберите тариф в магазине.
services-refreshed = Обновлено
services-panel-silent = Сервер сейчас не отвечает, показаны последние известные данные. Попробуйте ещё раз через несколько минут.
services-qr = <b>{ $title }</b>
    Отсканируйте код приложением на другом устройстве.

apps-title = <b>Добавить в приложение</b>
apps-choose = Выберите приложение: откроется страница и передаст ему ссылку.
apps-copy-instead = Скопируйте ссылку подписки и вставьте её в приложение.
