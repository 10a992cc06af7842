//! The table: medians over the rounds, ratios within each round, and which targets were reached.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "ratios of measurements")]
use crate::bench::{Measured, Once};
use crate::contestants::{Kind, Who};
use crate::loads::{Load, Outcome};

/// One contestant and one kind in one round.
#[derive(Debug, Clone)]
pub struct Row {
    pub who: Who,
    pub kind: Kind,
    pub measured: Measured,
}

impl Measured {
    fn of(&self, load: Load) -> Outcome {
        self.loads.iter().find(|(there, _)| *there == load).map(|(_, outcome)| *outcome).unwrap_or_default()
    }
}

/// Updates a second of what came at once.
fn rate(outcome: Outcome) -> f64 {
    if outcome.took_us == 0 { 0.0 } else { (outcome.updates - outcome.missing) as f64 * 1e6 / outcome.took_us as f64 }
}

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// CPU milliseconds for a thousand updates.
fn cpu(outcome: Outcome) -> f64 {
    if outcome.updates == 0 { 0.0 } else { outcome.cpu_ms as f64 * 1_000.0 / outcome.updates as f64 }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

struct Rounds<'a>(&'a [Vec<Row>]);

impl Rounds<'_> {
    fn find(&self, round: usize, who: Who, kind: Kind) -> Option<&Measured> {
        self.0[round].iter().find(|row| (row.who, row.kind) == (who, kind)).map(|row| &row.measured)
    }

    fn each(&self, who: Who, kind: Kind, of: impl Fn(&Measured) -> f64) -> Option<f64> {
        median((0..self.0.len()).filter_map(|round| self.find(round, who, kind)).map(of).collect())
    }

    /// The median of the ratios, each within its round.
    fn ratio(&self, (who, kind): (Who, Kind), to: Who, of: impl Fn(&Measured) -> f64) -> Option<f64> {
        let ratios = (0..self.0.len()).filter_map(|round| {
            let (mine, theirs) = (of(self.find(round, who, kind)?), of(self.find(round, to, Kind::Echo)?));
            (theirs > 0.0).then(|| mine / theirs)
        });
        median(ratios.collect())
    }
}

/// The whole of what was found, as Markdown.
pub fn markdown(rounds: &[Vec<Row>], once: &Once) -> String {
    let rounds = Rounds(rounds);
    let mut out = String::new();
    let mut line = |words: &str| out.extend([words, "\n"]);
    line(
        "| bot | what | one person p50 / p99 ms | 200/s p50 / p99 ms | 200 at once /s | 2,000 at once /s | 10,000 over 1,000 people /s | its p99 ms | CPU s per 1,000 | unanswered |",
    );
    line("|---|---|---|---|---|---|---|---|---|---|");
    let first = rounds.0.first().map(Vec::as_slice).unwrap_or_default();
    for row in first {
        line(&measured(&rounds, row.who, row.kind));
    }
    if let Some(disk) = once.disk {
        let (p50, p99) = (shown_number(ms(disk.p50)), shown_number(ms(disk.p99)));
        line(&format!("| the disk alone | a page and its sync | | {p50} / {p99} | | | | | | |"));
    }
    line("");
    line("| bot | peak memory MB | fsyncs per 1,000 updates | start to first reply ms | with 1,000,000 people |");
    line("|---|---|---|---|---|");
    let mut shown: Vec<Who> = first.iter().map(|row| row.who).collect();
    shown.dedup();
    for who in shown {
        line(&of_process(&rounds, who, once));
    }
    line("");
    line("| target | SQLite | PostgreSQL |");
    line("|---|---|---|");
    for target in targets() {
        let cell = |who: Who| match (target.is)(&rounds, once, who) {
            None => "not measured".to_owned(),
            Some(is) => format!("{} {}", shown_number(is), if (target.holds)(is) { "reached" } else { "MISSED" }),
        };
        line(&format!("| {} | {} | {} |", target.what, cell(Who::Sqlite), cell(Who::Postgres)));
    }
    out
}

fn shown_number(value: f64) -> String {
    if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn measured(rounds: &Rounds, who: Who, kind: Kind) -> String {
    let number = |of: &dyn Fn(&Measured) -> f64| rounds.each(who, kind, of).map(shown_number).unwrap_or_default();
    let pair = |load: Load| format!("{} / {}", number(&|m| ms(m.of(load).p50_us)), number(&|m| ms(m.of(load).p99_us)));
    let many = |load: Load| number(&|m| rate(m.of(load)));
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        who.name(),
        kind.name(),
        pair(Load::OnePerson),
        pair(Load::Paced),
        many(Load::AtOnce(200)),
        many(Load::AtOnce(2_000)),
        many(Load::Crowd),
        number(&|m| ms(m.of(Load::Crowd).p99_us)),
        rounds.each(who, kind, |m| cpu(m.of(Load::Crowd)) / 1_000.0).map(|value| format!("{value:.3}")).unwrap_or_default(),
        number(&|m| m.loads.iter().map(|(_, outcome)| outcome.missing).sum::<u64>() as f64),
    )
}

fn memory(rounds: &Rounds, who: Who) -> Option<f64> {
    let kinds = [Kind::Echo, Kind::Start, Kind::Menus, Kind::Purchase];
    let peaks = kinds.into_iter().filter_map(|kind| rounds.each(who, kind, |m| m.memory_kb as f64 / 1_024.0));
    peaks.max_by(f64::total_cmp)
}

fn of_process(rounds: &Rounds, who: Who, once: &Once) -> String {
    let (empty, full) = once.first_reply.get(who.name()).copied().unwrap_or_default();
    format!(
        "| {} | {} | {} | {empty} | {} |",
        who.name(),
        memory(rounds, who).map(shown_number).unwrap_or_default(),
        once.fsyncs.get(who.name()).map(ToString::to_string).unwrap_or_default(),
        full.map(|ms| ms.to_string()).unwrap_or_default(),
    )
}

type Is = fn(&Rounds, &Once, Who) -> Option<f64>;

struct Target {
    what: &'static str,
    is: Is,
    holds: fn(f64) -> bool,
}

fn crowd(m: &Measured) -> f64 {
    rate(m.of(Load::Crowd))
}

fn worst(values: impl IntoIterator<Item = Option<f64>>, least: bool) -> Option<f64> {
    let all: Option<Vec<f64>> = values.into_iter().collect();
    let all = all?.into_iter();
    if least { all.min_by(f64::total_cmp) } else { all.max_by(f64::total_cmp) }
}

fn menus(rounds: &Rounds, who: Who, to: Who, of: fn(&Measured) -> f64, least: bool) -> Option<f64> {
    worst([Kind::Start, Kind::Menus].map(|kind| rounds.ratio((who, kind), to, of)), least)
}

fn targets() -> Vec<Target> {
    vec![
        Target {
            what: "/start and menus, updates/s: at least 0.5 of teloxide's echo",
            is: |rounds, _, who| menus(rounds, who, Who::Teloxide, crowd, true),
            holds: |is| is >= 0.5,
        },
        Target {
            what: "/start and menus, updates/s: at least 7 times aiogram's echo",
            is: |rounds, _, who| menus(rounds, who, Who::Aiogram, crowd, true),
            holds: |is| is >= 7.0,
        },
        Target {
            what: "a purchase, updates/s: at least 0.15 of teloxide's echo",
            is: |rounds, _, who| rounds.ratio((who, Kind::Purchase), Who::Teloxide, crowd),
            holds: |is| is >= 0.15,
        },
        Target {
            what: "/start and menus, CPU per update: at most 2 times teloxide's echo",
            is: |rounds, _, who| menus(rounds, who, Who::Teloxide, |m| cpu(m.of(Load::Crowd)), false),
            holds: |is| is <= 2.0,
        },
        Target {
            what: "fsyncs per 1,000 updates, saturated: at most 150",
            is: |_, once, who| once.fsyncs.get(who.name()).map(|count| *count as f64),
            holds: |is| is <= 150.0,
        },
        Target {
            what: "/start and menus, p99 at 200/s: at most 4 times teloxide's",
            is: |rounds, _, who| menus(rounds, who, Who::Teloxide, |m| ms(m.of(Load::Paced).p99_us), false),
            holds: |is| is <= 4.0,
        },
        Target { what: "peak memory: under 60 MB", is: |rounds, _, who| memory(rounds, who), holds: |is| is < 60.0 },
        Target {
            what: "start to first reply with 1,000,000 people: under 150 ms",
            is: |_, once, who| once.first_reply.get(who.name()).and_then(|(_, full)| full.map(|ms| ms as f64)),
            holds: |is| is < 150.0,
        },
        Target {
            what: "unanswered, of 10,000 at once: 0",
            is: |rounds, _, who| {
                let missing = |kind| rounds.each(who, kind, |m| m.of(Load::Crowd).missing as f64);
                worst([Kind::Start, Kind::Menus, Kind::Purchase].map(missing), false)
            },
            holds: |is| is == 0.0,
        },
    ]
}
