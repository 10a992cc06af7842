# Ordering, paying, receipts, the list of payments.
order-title = <b>Your order</b>
order-renew-title = <b>Renewal</b>
order-days-change = Time left: { $was } → <b>{ $is }</b>
order-until = New end: { $moment }
order-traffic-change = Traffic left: { $was } → <b>{ $is }</b>
order-tail = You pay by transfer. A small amount is added to the price so that we recognise your transfer; the next screen shows the exact amount.
order-tail-wallet = From the wallet it is paid at once. With a transfer, a small amount is added so that we recognise it.
order-price-changed = The price has changed since you saw it. Price now: <b>{ $price }</b>
order-promise-changed = What this plan gives has changed since you saw it.
order-wallet = In your wallet: { $amount }
order-wallet-left = Left to pay after the wallet: <b>{ $amount }</b>
order-wallet-short = Your wallet no longer covers this order. Nothing was taken.
order-sold-out = This plan has just sold out. Please choose another one.
order-renew-gone = This plan is no longer sold, so the service cannot be renewed with it. Please choose a new plan.
order-not-renewable = This service cannot be renewed. Please choose a plan from the shop.
order-no-card = No payment method can take this amount right now. Please try again later, or ask support.
order-no-card-until = No payment method can take this amount for now. Please try again { $moment }.
order-too-many = { $count ->
    [one] You already have { $count } unpaid order. Please pay or cancel it first.
   *[other] You already have { $count } unpaid orders. Please pay or cancel one first.
}
order-cancel-title = <b>Cancel order { $order }?</b>
order-cancel-ask = The order is closed, and anything that already works for it is switched off. If you have already transferred the money, keep the order and send the receipt.
order-cancel-saved = The order is closed. Money in your wallet stays there.

pay-title = <b>Order { $order }</b>
pay-title-topup = <b>Top-up { $payment }</b>
pay-amount = Amount: <b>{ $amount }</b>
pay-from-wallet = From your wallet: { $amount }
pay-card = Card: { $number }
pay-sheba = Sheba number: { $number }
pay-network = Network: { $network }
pay-address = Address: { $address }
pay-holder = In the name of: { $holder }
pay-bank = Bank: { $bank }
pay-until = Time to pay ends: { $moment }
pay-exact = Transfer exactly this amount, to the last digit, then send the receipt here.
pay-exact-sheba = Transfer exactly this amount, to the last digit, then send the receipt or the tracking number here.
pay-exact-crypto = Send exactly this amount, to the last digit, over the network { $network } and no other; the network’s fee comes on top. Then send the transaction hash or a screenshot here.
pay-worth-crypto = Send cryptocurrency worth this amount over the network { $network } and no other; the network’s fee comes on top. Then send the transaction hash or a screenshot here.
pay-state = State: { $state }
pay-decided = When: { $moment }
pay-state-open = waiting for your receipt
pay-state-submitted = being checked
pay-state-approved = approved
pay-state-rejected = not accepted
pay-state-cancelled = cancelled
pay-state-expired = expired
pay-waiting = We are checking your receipt, and the answer comes here.
pay-waiting-usually = We are checking your receipt; it usually takes about { $span }, and the answer comes here.
pay-delivered = Your service is ready.
pay-being-made = Your service is being prepared. The link comes here as soon as it is ready.
pay-refunded = This order was refunded.
pay-in-wallet = The money is in your wallet.
pay-late-receipt = If you have paid, send the receipt here all the same; we will check it.
pay-reason-not-received = The money has not arrived yet. If your bank shows the transfer as done, write to support with the order number.
pay-reason-wrong-amount = The amount that arrived differs from the order. Write to support with the order number, and we will sort it out.
pay-reason-unreadable = The receipt could not be read. Send support a clear photo and the order number.
pay-reason-duplicate = This receipt was used for another order before. If you think otherwise, write to support with the order number.
pay-reason-other =
    Reason: { $reason }

    If something is unclear, write to support with the order number.
pay-reason-none = The receipt was not accepted. Write to support with the order number.
pay-history-title = <b>My payments</b>
pay-history-key = 🕓 waiting for a receipt · 👀 being checked · ✅ approved · ⛔ not accepted · ▫️ closed
pay-history-topup = top-up
pay-history-empty = There are no payments yet.

way-ask = How would you like to pay? The exact amount and the details are on the next screen.
way-none = This way cannot take the amount right now. Please choose another one.
way-none-until = This way cannot take the amount for now. Please choose another one, or try again { $moment }.

receipt-title = <b>Receipt for order { $order }</b>
receipt-title-topup = <b>Receipt for top-up { $payment }</b>
receipt-ask = Send one of these here: a photo or screenshot, an image or PDF file up to { $megabytes } MB, or the tracking number of the transfer.
receipt-ask-crypto = Send one of these here: the transaction hash, a screenshot, or an image or PDF file up to { $megabytes } MB.
receipt-wrong-kind = I cannot read that as a receipt.
receipt-wrong-file = We cannot open that kind of file. A photo, an image or a PDF works.
receipt-too-large = That file is { $size } MB; receipts up to { $most } MB work. A screenshot is enough.
receipt-not-a-number = That does not look like a tracking number; those have 4 to 40 characters, at least four of them digits.
receipt-not-a-hash = That does not look like a transaction hash. Copy it from your wallet once more, or send a screenshot.
receipt-taken = <b>Receipt for order { $order } received</b>
receipt-taken-more = <b>Receipt { $count } for order { $order } received</b>
receipt-taken-topup = <b>Receipt for top-up { $payment } received</b>
receipt-provisional = Meanwhile a part of your service works already; the link stays the same after approval.
receipt-nothing-waits = No order is waiting for a receipt. If it belongs to an older order, write to support.
receipt-which-title = <b>Which order is it for?</b>
receipt-which-ask = Choose the order; what you sent is then taken as its receipt.
receipt-which-again = Choose the order, then send the receipt once more.
receipt-which-full = I hold forty pictures and numbers already. Choose an order for them first.
