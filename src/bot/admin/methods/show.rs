//! The list of payment methods with their load and room of today, one method's page, and for whom it is.
use super::{audience_key, go, kind_key};
use crate::base::format::{Voice, digits};
use crate::base::texts::{Arg, args};
use crate::base::{Asset, Fault, Money, Page};
use crate::bot::kit::{pager, pick, shorten};
use crate::bot::page::{page as laid, paragraphs};
use crate::bot::route::{MethodField, MethodRoute as M, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::payments::{self, Audience, Load, Method, MethodCode};

/// Each takes a few lines, and all must fit a phone.
const ROWS: u32 = 5;
const ALIAS_MAX: usize = 40;
const LABEL_MAX: usize = 20;
const NOTE_MAX: usize = 200;

/// A method and what lies on it today.
type Loaded = (Method, Load);

/// All methods, a page of them.
pub async fn list(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    let all = payments::methods(conn).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let pages = Page::new(0, ROWS).count(total);
    let index = index.min(pages.saturating_sub(1));
    let size = usize::try_from(ROWS).unwrap_or(1);
    let shown = all.into_iter().skip(usize::try_from(index).unwrap_or(0) * size).take(size);
    let mut loaded: Vec<Loaded> = Vec::new();
    for method in shown {
        let load = payments::load(conn, &method.code, turn.now).await?;
        loaded.push((method, load));
    }
    Ok(list_view(&turn.voice(), turn.settings.asset, &loaded, (index, pages)).into())
}

fn list_view(voice: &Voice, asset: Asset, shown: &[Loaded], (index, pages): (u32, u32)) -> Screen {
    let title = voice.t("methods-title");
    if shown.is_empty() {
        return Screen::new(laid(title, [], voice.t("methods-none"))).row([go(voice, M::Add)]);
    }
    let mut parts = vec![title.to_owned()];
    parts.extend(shown.iter().map(|(method, load)| {
        let given = args![
            "sign" => sign(method),
            "alias" => shorten(&method.alias, ALIAS_MAX),
            "kind" => voice.t(kind_key(method.kind)),
            "last4" => method.last4.as_str(),
        ];
        [voice.t_args("methods-row", &given), load_line(voice, asset, method, load)].join("\n")
    }));
    let rows = shown.iter().map(|(method, _)| {
        let label = format!("{} {}", sign(method), shorten(&method.alias, LABEL_MAX));
        vec![pick(M::Show { method: method.code.clone() }, label)]
    });
    Screen::new(paragraphs(&parts))
        .rows(rows)
        .row(pager(voice, index, pages, |page| Route::from(M::List { page })))
        .row([go(voice, M::Add)])
}

const fn sign(method: &Method) -> &'static str {
    if method.on { "✅" } else { "▫️" }
}

/// What lies on it today, and what still fits.
fn load_line(voice: &Voice, asset: Asset, method: &Method, load: &Load) -> String {
    let money = |minor: i64| voice.money(Money::new(minor.max(0), asset));
    let room = method.limits.room(load);
    let room = match (room.count.map(|count| count.max(0)), room.amount) {
        (Some(count), Some(amount)) => {
            voice.t_args("methods-sum", &args!["count" => count, "amount" => Arg::html(money(amount))])
        }
        (Some(count), None) => voice.t_args("methods-sum-count", &args!["count" => count]),
        (None, Some(amount)) => money(amount),
        (None, None) => voice.t("methods-no-limit").to_owned(),
    };
    let sum = args!["count" => load.count(), "amount" => Arg::html(money(load.amount()))];
    let load = voice.t_args("methods-sum", &sum);
    voice.t_args("methods-load", &args!["load" => Arg::html(load), "room" => Arg::html(room)])
}

/// One method.
pub async fn page(turn: &Turn, code: &MethodCode) -> Result<Answer, Fault> {
    let (conn, voice) = (turn.app.db.read(), turn.voice());
    let Some(method) = payments::method(conn, code).await? else { return Ok(Answer::alert(voice.t("methods-unknown"))) };
    let load = payments::load(conn, code, turn.now).await?;
    Ok(page_view(&voice, turn.settings.asset, &method, &load).into())
}

fn page_view(voice: &Voice, asset: Asset, method: &Method, load: &Load) -> Screen {
    let code = method.code.clone();
    let name = args!["alias" => shorten(&method.alias, ALIAS_MAX), "code" => Arg::code(code.to_string())];
    let mut lines =
        vec![voice.t_args("methods-what", &args!["kind" => voice.t(kind_key(method.kind)), "last4" => method.last4.as_str()])];
    lines.extend(method.holder.as_ref().map(|holder| voice.t_args("methods-holder", &args!["holder" => holder])));
    lines.extend(method.bank.as_ref().map(|bank| voice.t_args("methods-bank", &args!["bank" => bank])));
    lines.extend(method.network.as_ref().map(|network| voice.t_args("methods-network", &args!["network" => network])));
    if !method.is_checked() {
        lines.push(voice.t("methods-unchecked").to_owned());
    }
    lines.push(voice.t(if method.on { "methods-on" } else { "methods-off" }).to_owned());
    lines.push(load_line(voice, asset, method, load));
    lines.extend(limit_lines(voice, asset, method));
    let switch = if method.on { M::Off { method: code.clone() } } else { M::On { method: code.clone() } };
    let fields = MethodField::ALL.into_iter().map(|field| go(voice, M::Ask { method: code.clone(), field }));
    let mut fields: Vec<_> = fields.collect();
    fields.push(go(voice, M::Audience { method: code.clone() }));
    Screen::new(laid(&voice.t_args("methods-page", &name), lines, ""))
        .row([go(voice, switch)])
        .rows(fields.chunks(2).map(<[_]>::to_vec))
        .row([go(voice, M::List { page: 0 })])
}

fn limit_lines(voice: &Voice, asset: Asset, method: &Method) -> Vec<String> {
    let limits = &method.limits;
    let money = |minor: i64| args!["amount" => Arg::html(voice.money(Money::new(minor, asset)))];
    let mut lines = Vec::new();
    lines.extend(limits.hours.map(|hours| {
        let (from, to) = hours.ends();
        let shown = |end: &str| Arg::html(digits(voice.lang, end));
        voice.t_args("methods-hours", &args!["from" => shown(&from), "to" => shown(&to)])
    }));
    lines.extend(limits.daily_count.map(|count| voice.t_args("methods-daily-count", &args!["count" => count])));
    lines.extend(limits.daily_limit.map(|minor| voice.t_args("methods-daily-limit", &money(minor))));
    lines.extend(limits.minimum.map(|minor| voice.t_args("methods-minimum", &money(minor))));
    lines.extend(limits.maximum.map(|minor| voice.t_args("methods-maximum", &money(minor))));
    let who = if limits.audience.is_everybody() {
        voice.t("methods-for-everybody").to_owned()
    } else {
        let comma = if voice.lang.is_rtl() { "، " } else { ", " };
        limits.audience.each().map(|audience| voice.t(audience_key(audience))).collect::<Vec<_>>().join(comma)
    };
    lines.push(voice.t_args("methods-audience", &args!["who" => who]));
    lines.extend(method.note.as_ref().map(|note| voice.t_args("methods-note", &args!["note" => shorten(note, NOTE_MAX)])));
    lines
}

/// For whom it is.
pub async fn audience(turn: &Turn, code: &MethodCode) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match payments::method(turn.app.db.read(), code).await? {
        Some(method) => Ok(audience_view(&voice, &method).into()),
        None => Ok(Answer::alert(voice.t("methods-unknown"))),
    }
}

fn audience_view(voice: &Voice, method: &Method) -> Screen {
    let title = voice.t_args("methods-audience-title", &args!["alias" => shorten(&method.alias, ALIAS_MAX)]);
    let rows = Audience::ALL.into_iter().map(|audience| {
        let sign = if method.limits.audience.has(audience) { "✅" } else { "▫️" };
        let label = format!("{sign} {}", voice.t(audience_key(audience)));
        vec![pick(M::Turn { method: method.code.clone(), audience }, label)]
    });
    Screen::new(laid(&title, [], voice.t("methods-audience-next")))
        .rows(rows)
        .row([go(voice, M::Show { method: method.code.clone() })])
}

#[cfg(test)]
mod tests {
    use super::{Load, audience_view, list_view, page_view};
    use crate::base::Asset;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::payments::{Audience, Audiences, Kind, Limits, Method, sample};

    #[test]
    fn payment_methods_in_every_language() {
        let used = Load { taken: 1_250_000, taken_count: 3, pending: 250_431, pending_count: 1 };
        let limits = Limits {
            hours: Some("22:00-02:30".parse().unwrap()),
            daily_count: Some(10),
            daily_limit: Some(5_000_000),
            minimum: Some(100_000),
            maximum: Some(2_000_000),
            audience: Audiences::of([Audience::Known, Audience::Agents]).unwrap(),
        };
        let full = Limits { daily_count: Some(4), ..Limits::none() };
        let card = Method { limits: limits.clone(), note: Some("Only after noon".to_owned()), ..sample::method(Kind::Card) };
        let sheba = Method { limits: full, on: false, ..sample::method(Kind::Sheba) };
        let coins = Method { network: Some("SOL".to_owned()), ..sample::method(Kind::Crypto) };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(
                voice,
                Asset::Irt,
                &[(card.clone(), used), (sheba.clone(), used), (coins.clone(), Load::default())],
                (0, 2)
            ),
            list_view(voice, Asset::Irt, &[], (0, 1)),
            page_view(voice, Asset::Irt, &card, &used),
            page_view(voice, Asset::Irt, &coins, &Load::default()),
            audience_view(voice, &card),
        ]));
    }
}
