# How to connect, system by system.
guide-title = <b>How to connect</b>
guide-choose = Which device do you want to connect?
guide-system-title = <b>How to connect on { $system }</b>
guide-steps-tap =
    1. Install { $app } with the first button below.
    2. Come back here and tap { $app } below; your service is added by itself.
    3. In the app, tap connect and allow the connection once.
guide-steps-paste =
    1. Install { $app } with the first button below.
    2. Copy the link on the screen of your service.
    3. In the app, add a subscription from the clipboard, update it, and connect.
guide-others = These work as well: { $apps }
guide-get = Get { $app }
