# Staff: corrections of an agent's credit account, and those that wait for a second owner.
correction-add-ask = How much is <b>added</b> to the credit of { $name }, and why? { $balance } can be spent now.
    Reply with the amount and the reason, such as <code>50000 late delivery</code>.
correction-take-ask = How much is <b>taken</b> from the credit of { $name }, and why? { $balance } can be spent now.
    Reply with the amount and the reason, such as <code>50000 paid twice</code>.
correction-add-confirm = Add <b>{ $amount }</b> to the credit of { $name }?
    Before: { $before }
    After: { $after }
    Reason: { $reason }
correction-take-confirm = Take <b>{ $amount }</b> from the credit of { $name }?
    Before: { $before }
    After: { $after }
    Reason: { $reason }
correction-add-done = Added { $amount }. { $balance } can be spent now.
correction-take-done = Took { $amount }. { $balance } can be spent now.
correction-short = Only { $balance } can be taken.
correction-frozen = This account is frozen: nothing is taken from it.
correction-closed = The agency was closed and its account settled: nothing more is booked on it.
correction-beyond = Today you may correct { $alone } more alone. This is beyond it, so a second owner is asked.
correction-waits = This waits for a second owner. The group has the card; nothing is booked until then.
correction-own = Somebody else must confirm this.
correction-decided = This was decided already. Here is how it stands.
correction-card-wallet-add = <b>Second owner needed</b>: add { $amount } to a wallet
correction-card-wallet-take = <b>Second owner needed</b>: take { $amount } from a wallet
correction-card-credit-add = <b>Second owner needed</b>: add { $amount } to an agent’s credit
correction-card-credit-take = <b>Second owner needed</b>: take { $amount } from an agent’s credit
correction-card-reason = Reason: { $reason }
correction-card-asked = Asked by { $who }, { $when }
correction-card-until = Ends by itself: { $when }
correction-card-next = Another owner than who asked confirms it. It is booked at once then.
correction-card-done = <b>Booked</b>: confirmed by { $who }, { $when }
correction-card-refused = <b>Not booked</b>: { $who }, { $when }
correction-card-expired = <b>Not booked</b>: nobody confirmed it until { $when }
correction-do-add = Add to credit
correction-do-take = Take from credit
correction-do-confirm = Confirm and book
correction-do-refuse = Do not book
