//! Where an open payment is paid to: the lines, the buttons that copy, and what to send back, for each kind of method.
//!
//! A number or address comes here for the person whose payment it is, and for nobody else.
use crate::base::format::{Voice, exact};
use crate::base::texts::{Arg, args};
use crate::base::{Asset, Money};
use crate::bot::kit;
use crate::bot::screen::Button;
use crate::shop::payments::{Kind, Payee};
use secrecy::ExposeSecret;

/// The number or address to be copied, and whose it is.
pub fn lines(voice: &Voice, payee: &Payee) -> Vec<String> {
    let (method, details) = (&payee.method, Arg::code(payee.details.expose_secret()));
    let mut lines = match method.kind {
        Kind::Card => vec![voice.t_args("pay-card", &args!["number" => details])],
        Kind::Sheba => vec![voice.t_args("pay-sheba", &args!["number" => details])],
        Kind::Crypto => {
            let network = method.network.as_deref().unwrap_or_default();
            vec![
                voice.t_args("pay-network", &args!["network" => network]),
                voice.t_args("pay-address", &args!["address" => details]),
            ]
        }
    };
    lines.extend(method.holder.as_deref().map(|holder| voice.t_args("pay-holder", &args!["holder" => holder])));
    lines.extend(method.bank.as_deref().map(|bank| voice.t_args("pay-bank", &args!["bank" => bank])));
    lines
}

/// A row each for what is copied: the number or address, and the amount.
pub fn copies(voice: &Voice, payee: &Payee, due: Money) -> Vec<Vec<Button>> {
    let key = match payee.method.kind {
        Kind::Card => "button-copy-card",
        Kind::Sheba => "button-copy-sheba",
        Kind::Crypto => "button-copy-address",
    };
    // A wallet of coins takes no toman.
    let amount = if is_worth(payee.method.kind, due.asset) { None } else { kit::copy(voice, "button-copy-amount", &exact(due)) };
    let copies = [kit::copy(voice, key, payee.details.expose_secret()), amount];
    copies.into_iter().flatten().map(|copy| vec![copy]).collect()
}

/// What to do, and what to send back.
pub fn next(voice: &Voice, payee: &Payee, asset: Asset) -> String {
    let network = args!["network" => payee.method.network.as_deref().unwrap_or_default()];
    match payee.method.kind {
        Kind::Card => voice.t("pay-exact").to_owned(),
        Kind::Sheba => voice.t("pay-exact-sheba").to_owned(),
        Kind::Crypto if is_worth(Kind::Crypto, asset) => voice.t_args("pay-worth-crypto", &network),
        Kind::Crypto => voice.t_args("pay-exact-crypto", &network),
    }
}

/// The shop counts in what no coin is: the payer sends coins worth the amount.
const fn is_worth(kind: Kind, asset: Asset) -> bool {
    matches!((kind, asset), (Kind::Crypto, Asset::Irt | Asset::Xtr))
}
