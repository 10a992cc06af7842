# The language, and the commands behind Telegram's menu button.
language-ask = <b>Язык</b>
    Выберите удобный вам язык.

command-start = Главная
command-buy = Купить услугу
command-services = Мои услуги
command-wallet = Кошелёк
command-trial = Пробный период
command-support = Связаться с человеком
command-language = Сменить язык
command-help = Как это работает
command-cancel = Прервать текущее действие
