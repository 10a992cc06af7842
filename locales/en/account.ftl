# The wallet and the trial.
wallet-title = <b>Wallet</b>
wallet-balance = Balance: <b>{ $amount }</b>
wallet-held = Held: { $amount }
wallet-about = Money that an order did not need, and refunds, are kept here for you.

trial-title = <b>Free trial</b>
trial-once = One trial a person. It starts when you tap the button.
trial-had = You had your trial on { $date }. It is one a person.
trial-cooldown = Not just yet. You can start it: { $moment }
trial-closed = There is no trial at the moment.
trial-no-panel = All servers are full just now. Please try again later.
