# The trial.
trial-title = <b>Free trial</b>
trial-once = One trial per person. It starts when you tap the button.
trial-had = You had your trial on { $date }. There is one per person.
trial-cooldown = Not just yet. You can start your trial { $moment }.
trial-closed = There is no trial at the moment. You can choose a plan instead.
trial-no-panel = All servers are full just now. Please try again later.
