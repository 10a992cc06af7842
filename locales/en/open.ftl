# The page that hands a link over to an app.
open-button = Open in
open-hint = The app opens by itself in a moment. If it does not, tap the button.
open-paste = Copy the link, then add it in the app from the clipboard.
open-or-copy = Or copy the link and paste it into the app:
open-copy = Copy link
open-get = Get
open-absent = There is nothing here
open-absent-next = The link is wrong or no longer valid. Open your service in the bot and tap your app again.
