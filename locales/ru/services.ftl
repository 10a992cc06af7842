# The services that a person owns.
services-title = <b>Мои услуги</b>
services-none = У вас пока нет услуг.
services-choose = Выберите услугу, чтобы увидеть ссылку и остаток.
services-trial = Пробный период
services-one-title = <b>{ $title }</b> · { $id }
services-state = Статус: { $state }
services-state-active = работает
services-state-provisional = работает, пока проверяется чек
services-state-pending = готовится
services-state-disabled = приостановлена
services-state-ended = закончилась
services-until = Окончание: { $moment }
services-ended-at = Закончилась: { $moment }
services-traffic = Осталось трафика: { $left } из { $quota }
services-traffic-unlimited = Трафик без ограничений, использовано { $used }
services-link = Ссылка: { $link }
services-hint-pending = Ссылка придёт сюда, как только услуга будет готова, обычно в течение минуты.
services-hint-provisional = После проверки она станет полной, а ссылка останется той же.
services-hint-connect = Подключений ещё не было. «Добавить в приложение» настроит всё одним нажатием.
services-hint-disabled = Магазин приостановил эту услугу. Причину подскажет поддержка.
services-hint-renew = Продлите её, и та же ссылка снова заработает.
services-hint-buy = Если понравилось, выберите план в магазине.
services-refreshed = Обновлено
services-panel-silent = Сервер сейчас не отвечает; показано то, что мы знаем.
services-qr = <b>{ $title }</b>
    Отсканируйте приложением на другом устройстве.

apps-title = <b>Добавить в приложение</b>
apps-choose = Выберите приложение: откроется страница и передаст ему ссылку.
apps-copy-instead = Скопируйте ссылку услуги и вставьте её в приложение.
