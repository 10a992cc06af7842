# Staff: people, orders that are late, panels, numbers, roles, commands.
admin-do-person = All about the person
admin-do-message = Write a message
admin-do-credit = Add to wallet
admin-do-debit = Take from wallet
admin-do-ban = Ban
admin-do-ban-yes = Yes, ban without a word
admin-do-unban = Lift the ban
admin-do-correct = Yes, book it
admin-do-order = Back to the order
admin-do-refund = Refund
admin-do-refund-yes = Yes, refund
admin-do-move = Another panel
admin-do-panels = Refresh the panels
admin-do-stats = Refresh the numbers
admin-do-help = Help for staff

command-payments = Pending receipts
command-user = All about a person
command-methods = Payment methods
command-stats = The shop in numbers
command-report = Reports, charts and files
command-panels = State of the panels
command-nodes = The same as /panels
command-approve = Approve a payment
command-reject = Reject a payment
command-refund = Refund an order
command-staff = The staff
command-grant = Give somebody a role
command-revoke = Take a role away
command-backup = Make a backup
command-staff-help = What staff can do here

admin-help-title = <b>What staff can do here</b>
admin-help-look = /payments: pending receipts, the oldest first
    /user <code>id, @name or #code</code>: all about a person
    /methods: payment methods, their limits and room
    /panels, /nodes: state of the panels
    /stats: numbers of today, 7 and 30 days
    /report: sales of any days, charts, Excel
    /staff: the staff
admin-help-money = /approve <code>payment [amount]</code>: approve a payment
    /reject <code>payment [reason]</code>: reject a payment
    /refund <code>#order</code>: refund an order
admin-help-staff = /grant <code>id or @name role</code>: give a role (owner, cashier, support, viewer)
    /revoke <code>id or @name</code>: take the role
    /backup: make a backup of the shop, and see it here
admin-usage-approve = Write it as /approve <code>payment [amount]</code>, for example:
    <code>/approve 0ABC123DEF 250000</code>
admin-usage-reject = Write it as /reject <code>payment [reason]</code>, for example:
    <code>/reject 0ABC123DEF the photo is cut off</code>
admin-usage-refund = Write it as /refund <code>#order</code>, for example:
    <code>/refund #0ABC123DEF</code>
admin-usage-user = Write it as /user <code>id, @name or #code</code>, for example:
    <code>/user @sara</code>
admin-usage-grant = Write it as /grant <code>id or @name role</code>; roles are owner, cashier, support, viewer. For example:
    <code>/grant @sara cashier</code>
admin-usage-revoke = Write it as /revoke <code>id or @name</code>, for example:
    <code>/revoke @sara</code>

admin-person-title = <b>Person</b>: { $person }
admin-person-unknown = I found nobody. Send an id, an @name, or the code of an order, a payment or a service.
admin-person-since = Since: { $date } ({ $since })
admin-person-welcome = State: not banned
admin-person-banned = State: <b>banned</b>
admin-person-banned-for = State: <b>banned</b>, { $reason }
admin-person-blocked = State: blocked the bot on { $date }
admin-person-lang = Language: { $lang }
admin-person-role = Role: { $role }
admin-person-wallet = Wallet: { $amount }
admin-person-services = <b>Services</b>: { $count }
admin-person-service = { $id } { $plan }, { $state }, until { $until }
admin-person-orders = <b>Orders</b>: { $count }
admin-person-order = { $id } { $plan }, { $price }, { $state }
admin-person-acts = <b>What staff did</b>
admin-person-act = { $when }: { $act }, { $became }, by { $who }
admin-service-pending = being prepared
admin-service-active = active
admin-service-disabled = paused
admin-service-ended = ended
admin-service-deleted = deleted

admin-ban-ask = Ban <b>{ $name }</b>? The shop is closed to this person; what was bought goes on working.
    Reply to this message with the reason, which the person reads.
admin-ban-staff = This person is staff, and cannot be banned. Take the role first.
admin-message-ask = Reply to this message with what { $name } should read. It is sent in the shop's name.
admin-message-long = That is too long; up to { $most } characters work.
admin-message-blocked = { $name } has blocked the bot, so no message arrives.
admin-message-sent = Sent to { $name }.

admin-credit-ask = How much is <b>added</b> to the wallet of { $name }, and why? It holds { $balance }.
    Reply with the amount and the reason, such as <code>50000 late delivery</code>.
admin-debit-ask = How much is <b>taken</b> from the wallet of { $name }, and why? It holds { $balance }.
    Reply with the amount and the reason, such as <code>50000 paid twice</code>.
admin-correction-unread = I need an amount and, after it, a reason. Please send both in one message.
admin-correction-waits = The numbers above wait for your yes.
admin-correction-gone = This was done already, or another question was opened since.
admin-debit-short = The wallet holds { $balance } only.
admin-credit-confirm = Add <b>{ $amount }</b> to the wallet of { $name }?
    Before: { $before }
    After: { $after }
    Reason: { $reason }
admin-debit-confirm = Take <b>{ $amount }</b> from the wallet of { $name }?
    Before: { $before }
    After: { $after }
    Reason: { $reason }
admin-credit-done = Added { $amount }. The wallet holds { $balance }.
admin-debit-done = Took { $amount }. The wallet holds { $balance }.

admin-order-title = <b>Order</b> { $id }
admin-order-unknown = There is no order with this number.
admin-order-line = State: { $state }
admin-order-paid-at = Paid: { $when }
admin-order-panel = Panel: { $panel }
admin-order-placed = waits for its payment
admin-order-paid = paid, not delivered
admin-order-delivered = delivered
admin-order-cancelled = cancelled
admin-order-expired = expired
admin-order-rejected = rejected
admin-order-refunded = refunded
admin-order-not-late = Nothing to do here: the order is { $state }.
admin-refund-ask = { $amount } goes back to the wallet of { $name }, and the service is not made any more.
admin-refund-ask-credit = { $amount } goes back to the credit of { $name }, and the service is not made any more.
admin-move-ask = On which panel should it be made? The customer keeps the order and gets the link when it is ready.
admin-move-none = No other panel of this plan takes new accounts. A refund is still possible.
admin-move-row = { $panel } ({ $health })
admin-move-closed = This panel takes no new accounts now. Please choose another one.
admin-move-cannot = This service cannot be moved now.

admin-panels-title = <b>Panels</b>
admin-panels-none = There is no panel yet. A shop file names them.
admin-panels-next = Panels are asked once a minute. The shop file switches them on and off.
admin-panel-name = { $sign } <b>{ $panel }</b> ({ $kind }), { $intake }
admin-panel-health = Health: { $health }
admin-panel-health-since = Health: { $health }, for { $since }
admin-panel-version = Version: { $version }
admin-panel-accounts = Accounts: { $count }
admin-panel-accounts-of = Accounts: { $count } of { $most }
admin-panel-checked = Asked: { $ago }
admin-panel-error = Last error, { $ago }: { $error }
admin-health-unknown = not asked yet
admin-health-well = well
admin-health-down = down
admin-health-locked-out = refuses our login
admin-intake-on = takes new accounts
admin-intake-draining = keeps its accounts, takes no new ones
admin-intake-off = off

admin-stats-title = <b>The shop in numbers</b>
admin-stats-today = <b>Today</b>, compared with yesterday until now
admin-stats-week = <b>7 days</b>, compared with the 7 before
admin-stats-month = <b>30 days</b>, compared with the 30 before
admin-stats-revenue = Revenue: { $amount } { $change }
admin-stats-sales = Sales: { $count } { $change }
admin-stats-people = New people: { $count } { $change }
admin-stats-pending = Being checked: { $count }, { $amount }
admin-stats-undelivered = Paid, not delivered: { $count }
admin-stats-chart = The picture shows the revenue of each of the last 30 days.

admin-staff-title = <b>Staff</b>
admin-staff-row = { $role }: { $person }
admin-staff-next = Owners give roles with /grant and take them with /revoke.
admin-grant-done = { $name } is now { $role }.
admin-revoke-done = { $name } has no role any more.
admin-revoke-owner = This owner is named in the server’s configuration and can be taken out only there.
