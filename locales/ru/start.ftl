# The language, and the commands behind Telegram's menu button.
language-ask = <b>Язык</b>
    Выберите удобный вам язык.

command-start = Главная
command-buy = Купить подписку
command-services = Мои подписки
command-wallet = Кошелёк
command-trial = Пробный период
command-agent = Агентам
command-support = Написать в поддержку
command-language = Сменить язык
command-help = Как это работает
command-cancel = Прервать текущий шаг
