# The wallet and the trial.
wallet-title = <b>Wallet</b>
wallet-balance = Balance: <b>{ $amount }</b>
wallet-held = Held: { $amount }
wallet-about = Refunds, and money that an order did not need, are kept here for you. Support can tell you how to use it.
topup-cancel-title = <b>Cancel top-up { $payment }?</b>
topup-cancel-ask = If you have already transferred the money, keep it and send the receipt.

trial-title = <b>Free trial</b>
trial-once = One trial per person. It starts when you tap the button.
trial-had = You had your trial on { $date }. There is one per person.
trial-cooldown = Not just yet. You can start your trial { $moment }.
trial-closed = There is no trial at the moment. You can choose a plan instead.
trial-no-panel = All servers are full just now. Please try again later.
