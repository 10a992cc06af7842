# The language, and the commands behind Telegram's menu button.
language-ask = <b>Language</b>
    Choose the language you want to read.

command-start = Home
command-buy = Buy a service
command-services = My services
command-wallet = Wallet
command-trial = Free trial
command-agent = For agents
command-support = Write to support
command-language = Change the language
command-help = How this works
command-cancel = Stop the current step
