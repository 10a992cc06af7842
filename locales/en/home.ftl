# Home, help and support.
home-title = <b>{ $shop }</b>
home-hello = Hello, { $name }.
home-ask = What would you like to do?

help-title = <b>Help</b>
help-text =
    1. Choose a plan and place the order.
    2. Transfer the exact amount to the number or address that is shown.
    3. Send the receipt here: a photo, a PDF, or the tracking number.
    4. We check it, and you get a link for the app on your phone or computer.

    You can send an order number or your link here at any time, and I will open what it belongs to.

support-title = <b>Support</b>
support-text =
    A person answers here: { $contact }

    Mention your number, so that we find you at once: { $id }
support-none = The shop has not named a contact yet. If you have paid, send the receipt here and we will check it.
button-write = Write to support
