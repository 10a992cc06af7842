# The services that a person owns.
services-title = <b>My services</b>
services-none = You have no service yet. Choose a plan, and it appears here.
services-choose = Choose one to see its link and what is left.
services-trial = Free trial
services-one-title = <b>{ $title }</b> · { $id }
services-state = State: { $state }
services-state-active = active
services-state-provisional = active while the receipt is checked
services-state-pending = being prepared
services-state-disabled = paused
services-state-ended = ended
services-until = Ends: { $moment }
services-ended-at = Ended: { $moment }
services-traffic = Traffic left: { $left } of { $quota }
services-traffic-unlimited = Traffic: unlimited, { $used } used so far
services-link = Link: { $link }
services-hint-pending = The link comes here as soon as the service is ready, usually within a minute.
services-hint-provisional = Once the payment is approved, it becomes the full service with the same link.
services-hint-connect = Not connected yet. Start with “Add to an app”.
services-hint-disabled = The shop has paused this service. Support can tell you why.
services-hint-renew = Renew it, and the same link works again.
services-hint-resold = An agent of the shop sold you this service. To renew it, ask who sold it to you.
services-hint-buy = To go on, choose a plan in the shop.
services-refreshed = Up to date
services-panel-silent = The server does not answer just now, so this is what we last knew. Please try again in a few minutes.
services-qr = <b>{ $title }</b>
    Scan this with the app on the other device.

apps-title = <b>Add to an app</b>
apps-choose = Choose your app; a page opens and hands the link over.
apps-copy-instead = Copy the link of the service and paste it into your app.
