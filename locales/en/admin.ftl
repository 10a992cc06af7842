# Staff: the card of a payment, its review, and what a review refuses.
admin-do-approve = Approve
admin-do-approve-as = Yes, approve this
admin-do-ask-amount = Approve another amount
admin-do-reject = Reject
admin-do-ask-reason = Type a reason
admin-do-reject-ban = Reject and ban
admin-do-reject-ban-yes = Yes, reject and ban
admin-do-undo = Undo
admin-do-card = Back to the receipt
admin-do-open = Show the receipt
admin-do-pending = Pending receipts
admin-do-history = Show history
admin-do-stop = Stop, change nothing

admin-clock = the shop itself
admin-at = { $date } { $time }
admin-done = Done.
admin-already = It is so already.
admin-stopped = Stopped. Nothing was changed.
admin-topic-payments = Payments
admin-topic-alarms = Alarms
admin-topic-support = Support
admin-topic-backups = Backups

admin-person-named = { $name } ({ $username }, { $id })
admin-person-plain = { $name } ({ $id })

admin-card-amount = Amount: <b>{ $amount }</b>, payment { $id }
admin-card-person = Customer: { $person }
admin-card-record = Customer for { $since }; receipts: { $good } good, { $bad } bad
admin-card-new = What: { $plan }, { $price }
admin-card-renewal = What: renewal, { $plan }, { $price }
admin-card-parts = The wallet pays { $part }; { $rest } is to come
admin-card-topup = What: <b>wallet top-up</b>; the wallet holds { $wallet }
admin-card-topup-credit = What: <b>top-up of an agent’s credit</b>
admin-card-topup-short = top-up
admin-card-method = Card: { $alias }, ends in { $last4 }
admin-card-method-sheba = Sheba: { $alias }, ends in { $last4 }
admin-card-method-crypto = Cryptocurrency: { $alias } ({ $network }), ends in { $last4 }
admin-card-note = Note: { $note }
admin-card-sent = Sent: { $when }
admin-card-receipts = Receipts: { $count }; the last counts
admin-card-lent = A part of the service works until the decision.
admin-card-text = Text: { $text }
admin-card-further = Another receipt for payment { $id }
admin-card-why = <b>Why is it rejected?</b> The customer reads the reason.
admin-card-ban = <b>Reject and ban?</b> The order is closed, the part of the service that works is switched off, and the shop is closed to this customer.
admin-card-approved = <b>Approved</b>: { $amount }, payment { $id }
admin-card-rejected = <b>Rejected</b>: { $amount }, payment { $id }. { $reason }
admin-card-cancelled = <b>Cancelled</b>: { $amount }, payment { $id }
admin-card-expired = <b>Expired</b>: { $amount }, payment { $id }
admin-card-open = <b>No receipt yet</b>: { $amount }, payment { $id }
admin-card-whom = { $name }: { $plan }
admin-card-by = By { $who }, { $when }

admin-flag-same-photo = The same photo was used before
admin-flag-alike-photo = A photo that looks the same was used before
admin-flag-same-number = The same tracking number was used before
admin-flag-amount = The message names another amount
admin-flag-amount-said = The message names { $amount }, which is not what is due
admin-flag-daily-limit = The payment method is over its daily limit
admin-flag-late = It came after the order was closed
admin-flag-edited = The message was edited after it was sent
admin-flag-not-compared = Its contents could not be compared with earlier receipts
admin-flag-unnamed = The customer did not choose the order
admin-twin-own = the same person
admin-twin-photo = Same photo as payment { $payment } of { $who } ({ $state })
admin-twin-alike = Photo looks like payment { $payment } of { $who } ({ $state })
admin-twin-number = Same tracking number as payment { $payment } of { $who } ({ $state })

admin-reason-not-received = The money did not arrive
admin-reason-wrong-amount = The amount is wrong
admin-reason-unreadable = It cannot be read
admin-reason-duplicate = It was used before

admin-payment-open = waits for a receipt
admin-payment-submitted = being checked
admin-payment-approved = approved
admin-payment-rejected = rejected
admin-payment-cancelled = cancelled
admin-payment-expired = expired
admin-payment-unknown = There is no payment with this number. Look in /payments.
admin-payment-decided = Decided already: { $state }, by { $who }, { $when }.
admin-payment-no-receipt = No receipt has come for this payment yet.
admin-payment-not-waiting = This payment does not wait for a decision any more. /payments shows what does.

admin-ask-reply = If this is the answer to my question, send it as a reply to that question. Nothing was done yet.
admin-ask-gone = That question is closed: another one was put to you since. Nothing was done.
admin-ask-not-yours = That question was put to somebody else.
admin-ask-words = Words are needed here. Please answer the question with a text.
admin-anonymous = You write as the group itself, so I cannot tell who you are and what you may do. Switch off “Remain anonymous” for yourself in the group’s list of administrators, then send it again.
admin-ask-amount = Payment { $id }, due: { $amount }.
    Reply to this message with the amount that arrived.
admin-ask-reason = Payment { $id }, { $amount }.
    Reply to this message with the reason. The customer reads it.
admin-amount-unread = I cannot read that as an amount. Digits are enough, such as <code>250000</code> or <code>250k</code>.
admin-amount-bad = This amount cannot be booked. Please send another one.
admin-amount-enough = Payment { $id }: approve <b>{ $amount }</b> instead of { $due }?
    The order takes { $price }; { $rest } stays in the wallet.
admin-amount-short = Payment { $id }: approve <b>{ $amount }</b> instead of { $due }?
    The order costs { $price }, { $rest } is missing. The order is closed, and all that arrived goes to the wallet.
admin-amount-topup = Payment { $id }: approve <b>{ $amount }</b> instead of { $due }?
    All of it goes to the customer’s account.

admin-undo-nothing = There is no decision to take back.
admin-undo-late = The time for taking it back is over.
admin-undo-delivered = The service was delivered already.
admin-undo-renewed = The service was renewed meanwhile. Undo the renewal first.
admin-undo-spent = The money was spent from the wallet meanwhile.

admin-refused-talk = Your role ({ $role }) can only look. A support member, a cashier or an owner can do this.
admin-refused-money = Your role ({ $role }) does not decide about money. A cashier or an owner can do this.
admin-refused-staff = Your role ({ $role }) does not change roles. An owner can do this.
admin-refused-own = This is your own payment. Somebody else must decide.
admin-role-owner = owner
admin-role-cashier = cashier
admin-role-support = support
admin-role-viewer = viewer

admin-pending-title = <b>Pending receipts</b>
admin-pending-none = Nothing waits for a decision.
admin-pending-count = Waiting: { $count }
admin-pending-next = The oldest first. A tap opens the receipt.
admin-pending-row = { $amount } · { $name } · { $age }
admin-history-title = <b>Payments</b> of { $person }
admin-history-record = Receipts: { $good } good, { $bad } bad
admin-history-row = { $amount } · { $state } · { $date }
