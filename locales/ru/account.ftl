# The wallet and the trial.
wallet-title = <b>Кошелёк</b>
wallet-balance = Баланс: <b>{ $amount }</b>
wallet-held = Заморожено: { $amount }
wallet-about = Здесь хранятся деньги, которые не понадобились заказу, и возвраты.

trial-title = <b>Пробный период</b>
trial-once = Один раз на человека. Начнётся, когда вы нажмёте кнопку.
trial-had = Вы уже пользовались пробным периодом: { $date }. Он даётся один раз.
trial-cooldown = Ещё немного. Начать можно: { $moment }
trial-closed = Сейчас пробного периода нет.
trial-no-panel = Сейчас все серверы заняты. Попробуйте позже.
