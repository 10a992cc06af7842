# The shelf: categories, locations, plans.
shop-title = <b>Buy a service</b>
shop-ask-category = What kind of connection do you need?
shop-ask-location = Which location would you like?
shop-ask-plan = For how long, and how much traffic?
shop-empty = Nothing is on sale right now. Please look again later, or ask support.
shop-gone = This plan is no longer on sale. Here is what we have today.
shop-plan-line = { $title } · { $price }
shop-days = Duration: { $span }
shop-traffic = Traffic: { $traffic }
shop-traffic-unlimited = Traffic: unlimited
shop-devices = Devices at a time: { $count }
shop-devices-unlimited = Devices at a time: no limit
shop-location = Location: { $location }
shop-category = Kind: { $category }
shop-price = Price: <b>{ $price }</b>
