# Staff: payment methods, their limits, and adding one.
methods-title = <b>Payment methods</b>
methods-none = There is no payment method yet. A shop file names them, or an owner adds one here.
methods-row = { $sign } <b>{ $alias }</b>: { $kind }, ends in { $last4 }
methods-load = Today: { $load }. Room: { $room }
methods-sum = { $count ->
    [one] { $count } payment, { $amount }
   *[other] { $count } payments, { $amount }
}
methods-sum-count = { $count ->
    [one] { $count } payment
   *[other] { $count } payments
}
methods-no-limit = no limit
methods-page = <b>{ $alias }</b> ({ $code })
methods-what = { $kind }, ends in { $last4 }
methods-kind-card = Card
methods-kind-sheba = Sheba number
methods-kind-crypto = Cryptocurrency
methods-holder = In the name of: { $holder }
methods-bank = Bank: { $bank }
methods-network = Network: { $network }
methods-unchecked = Addresses of this network are not checked.
methods-on = State: offered
methods-off = State: <b>switched off</b>
methods-hours = Hours: { $from } to { $to }
methods-daily-count = Payments a day: at most { $count }
methods-daily-limit = Money a day: at most { $amount }
methods-minimum = Smallest price: { $amount }
methods-maximum = Largest price: { $amount }
methods-audience = For: { $who }
methods-note = Note: { $note }
methods-for-everybody = everybody
methods-for-new = New customers
methods-for-known = Known customers
methods-for-agents = Agents
methods-for-nobody = Somebody must be left. To offer it to nobody, switch it off.
methods-audience-title = <b>For whom is { $alias }?</b>
methods-audience-next = A tap switches. New customers have no accepted receipt yet; known customers have one.
methods-unknown = There is no such payment method. /methods shows all.
methods-taken = “{ $alias }” has this number or address already.
methods-crossed = The smallest price would be above the largest. Please send another number.

methods-do-list = Payment methods
methods-do-show = Back to the method
methods-do-on = Switch on
methods-do-off = Switch off
methods-do-alias = Name
methods-do-note = Note
methods-do-hours = Hours
methods-do-count = Payments a day
methods-do-limit = Money a day
methods-do-minimum = Smallest price
methods-do-maximum = Largest price
methods-do-audience = For whom
methods-do-clear = Leave it empty
methods-do-add = Add a method
methods-do-no-bank = Without a bank
methods-do-add-yes = Yes, add it

methods-ask-alias = Reply to this message with the name by which staff knows { $alias }.
methods-ask-note = Reply to this message with a note about { $alias }. It stands on the card of each receipt, for staff only.
methods-ask-hours = Reply to this message with the hours in which { $alias } is offered, such as <code>09:00-23:30</code>. They may pass midnight: <code>22:00-02:00</code>.
methods-ask-count = Reply to this message with the number of payments that { $alias } takes in a day.
methods-ask-limit = Reply to this message with the amount that { $alias } takes in a day, such as <code>50000000</code> or <code>50000k</code>.
methods-ask-minimum = Reply to this message with the smallest price that { $alias } takes.
methods-ask-maximum = Reply to this message with the largest price that { $alias } takes.
methods-bad-words = That is empty or too long. Please send a shorter text.
methods-bad-number = I cannot read that as a number above zero. Digits are enough, such as <code>250000</code> or <code>250k</code>.
methods-bad-hours = I cannot read that as hours. Write them like <code>09:00-23:30</code>, with different beginning and end.

methods-add-title = <b>New payment method</b>
methods-add-kind = What do people pay to?
methods-add-network = Which network? Choose one, or type its name.
methods-add-card = Send the 16 digits of the card.
methods-add-sheba = Send the Sheba number: IR and 24 digits.
methods-add-address = Send the address on { $network }.
methods-add-holder = Send the holder’s name, as the customer’s bank shows it.
methods-add-bank = Send the bank’s name, as customers read it.
methods-add-ask = Add it? It is switched off at first: set its limits, then switch it on.
methods-add-owner = A number decides where the money goes, so only an owner adds a payment method.
methods-add-private = A number is no business of the group. Send me /methods in our private chat.
methods-add-gone = This was done already, or another question was opened since.
methods-sum-right = The check digits are right.
methods-sum-none = It has no check digits that I could test; compare it letter by letter.
methods-bad-card = That is no card number: 16 digits are needed, and the last one must fit the others. Look for a mistyped one.
methods-bad-sheba-form = That is no Sheba number: IR and 24 digits are needed.
methods-bad-sheba-check = The check digits of this Sheba number do not fit. Look for a mistyped one.
methods-bad-address-form = That is no address on { $network }. Copy it from the wallet once more.
methods-bad-address-check = The check sum of this address on { $network } does not fit. Copy it from the wallet once more.
methods-bad-address = That is no address: 8 to 128 letters and digits without spaces are needed.
