//! Payment methods as the file wants them, beside what staff made of them in the bot.
//!
//! Always: a method of which the file says what it said the last time is left as it is, only its place follows the file; one that the
//! file never named is left alone; one that it names no more is switched off.
use super::Change;
use super::compare::{Section, in_words, of_method, section};
use crate::base::Fault;
use crate::db::{Seal, Tx};
use crate::shop::payments::{self, Method, MethodCode, NewMethod};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;

/// What is to be done about payment methods. The section's numbers are places in the file.
pub(super) struct OfMethods {
    pub section: Section,
    /// Those of which the file says what it said the last time.
    kept: BTreeSet<MethodCode>,
    /// Those that the file named the last time, and does not now.
    gone: Vec<MethodCode>,
}

pub(super) async fn compare_methods(
    conn: &impl ConnectionTrait,
    methods: Vec<Method>,
    wishes: &[NewMethod],
    seal: &Seal,
) -> Result<OfMethods, Fault> {
    let are: Vec<_> = wishes.iter().map(|new| of_method(&new.method)).collect();
    let mut found = OfMethods { section: Section::default(), kept: BTreeSet::new(), gone: Vec::new() };
    let mut were = Vec::with_capacity(methods.len());
    for method in &methods {
        let wish = are.iter().find(|facts| facts.code == method.code.as_str());
        match wish {
            Some(facts) if method.filed == Some(in_words(facts)) => {
                found.kept.insert(method.code.clone());
                were.push((facts.clone(), true));
            }
            Some(_) => were.push((of_method(method), method.on)),
            None if method.filed.is_some() => {
                found.gone.push(method.code.clone());
                were.push((of_method(method), method.on));
            }
            None => {}
        }
    }
    found.section = section("payment method", &were, &are);
    for (index, new) in wishes.iter().enumerate() {
        let code = &new.method.code;
        if !methods.iter().any(|method| method.code == *code) {
            continue;
        }
        if !payments::has_details(conn, code, &new.details, seal).await.unwrap_or(false) {
            found.section.changes.push(Change(format!("payment method {code}: another number or address")));
            found.kept.remove(code);
        }
        // What staff had made so already, the file says for itself from now on.
        if !found.kept.contains(code) && !found.section.put.contains(&index) {
            found.section.put.push(index);
        }
    }
    Ok(found)
}

pub(super) async fn put_methods(tx: &Tx, wishes: &[NewMethod], todo: &OfMethods, seal: &Seal) -> Result<(), Fault> {
    for index in &todo.section.put {
        let (new, place) = (&wishes[*index], i64::try_from(*index).unwrap_or(i64::MAX));
        if !todo.kept.contains(&new.method.code) {
            payments::save_method(tx, new, seal).await?;
        }
        payments::set_filed(tx, &new.method.code, Some((&in_words(&of_method(&new.method)), place))).await?;
    }
    for code in &todo.gone {
        payments::switch_off(tx, code).await?;
        payments::set_filed(tx, code, None).await?;
    }
    Ok(())
}
