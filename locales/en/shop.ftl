# The shelf: categories, locations, plans.
shop-title = <b>Buy a service</b>
shop-ask-category = What kind of connection do you need?
shop-ask-location = Where should it come out?
shop-ask-plan = How long and how much?
shop-empty = Nothing is on sale right now. Please look again later, or ask support.
shop-gone = This plan is no longer on sale. Here is what we have today.
shop-plan-line = { $title } · { $price }
shop-days = For: { $span }
shop-traffic = Traffic: { $traffic }
shop-traffic-unlimited = Traffic: unlimited
shop-devices = { $count ->
    [one] Devices: one at a time
   *[other] Devices: { $count } at a time
}
shop-devices-unlimited = Devices: as many as you like
shop-location = Location: { $location }
shop-category = Kind: { $category }
shop-price = Price: <b>{ $price }</b>
