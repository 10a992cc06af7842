# Staff: corrections of an agent's credit account, and those that wait for a second owner.
correction-add-ask = Сколько <b>добавить</b> на счёт агента и почему? { $name }, сейчас можно потратить { $balance }.
    Ответьте суммой и причиной, например <code>50000 за опоздание</code>.
correction-take-ask = Сколько <b>списать</b> со счёта агента и почему? { $name }, сейчас можно потратить { $balance }.
    Ответьте суммой и причиной, например <code>50000 двойной перевод</code>.
correction-add-confirm = Добавить <b>{ $amount }</b> на счёт агента: { $name }?
    Было: { $before }
    Станет: { $after }
    Причина: { $reason }
correction-take-confirm = Списать <b>{ $amount }</b> со счёта агента: { $name }?
    Было: { $before }
    Станет: { $after }
    Причина: { $reason }
correction-add-done = Добавлено { $amount }. Можно потратить { $balance }.
correction-take-done = Списано { $amount }. Можно потратить { $balance }.
correction-short = Списать можно только { $balance }.
correction-frozen = Этот счёт приостановлен: с него ничего не списывается.
correction-closed = Агентство закрыто, счёт рассчитан: на нём больше ничего не проводится.
correction-beyond = Сегодня вы можете исправить в одиночку ещё { $alone }. Это больше, поэтому нужен второй владелец.
correction-waits = Это ждёт второго владельца. Карточка в группе; до тех пор ничего не проводится.
correction-own = Подтвердить это должен кто-то другой.
correction-decided = Это уже решено. Вот как обстоит дело.
correction-card-wallet-add = <b>Нужен второй владелец</b>: добавить { $amount } в кошелёк
correction-card-wallet-take = <b>Нужен второй владелец</b>: списать { $amount } из кошелька
correction-card-credit-add = <b>Нужен второй владелец</b>: добавить { $amount } на счёт агента
correction-card-credit-take = <b>Нужен второй владелец</b>: списать { $amount } со счёта агента
correction-card-reason = Причина: { $reason }
correction-card-asked = Просит { $who }, { $when }
correction-card-until = Само закроется: { $when }
correction-card-next = Подтверждает другой владелец, не тот, кто просит. Тогда это проводится сразу.
correction-card-done = <b>Проведено</b>: подтверждение { $who }, { $when }
correction-card-refused = <b>Не проведено</b>: { $who }, { $when }
correction-card-expired = <b>Не проведено</b>: никто не подтвердил до { $when }
correction-do-add = Пополнить счёт агента
correction-do-take = Списать со счёта агента
correction-do-confirm = Подтвердить и провести
correction-do-refuse = Не проводить
