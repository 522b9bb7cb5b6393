//! Decisions by real people: signed with real keys, kept in a real bare repository.

#![allow(clippy::unwrap_used, reason = "these functions serve tests only")]

#[path = "decisions/shop.rs"]
mod shop;

use shop::{Shop, TUESDAY};

#[test]
fn two_roles_add_up_to_a_decision() {
    let shop = Shop::open();
    let work = shop.path("work");
    let reports = shop.beyond();
    let brief = shop.brief(&work, &reports, TUESDAY, &[]);
    assert_eq!(brief["verdict"], "beyond-tolerance");
    assert_eq!(brief["change"]["name"], "branch/feature");
    assert_eq!(brief["decision"], serde_json::Value::Null);

    let first = shop.choose(&work, "security", "fastest", &brief, "2026-11-24T10:00:00Z").ends(1);
    assert!(first.stdout.contains("Still missing: delivery-delegate"), "{first:?}");
    let second = shop.choose(&work, "delivery", "fastest", &brief, "2026-11-24T10:30:00Z").ends(0);
    assert!(second.stdout.contains("Decided: fastest"), "{second:?}");
    assert!(second.stdout.contains("c-"), "{second:?}");
    // Everybody else sees it: it lies on the remote.
    assert!(shop.git(&work, &["ls-remote", "origin", "refs/detente/ledger"]).contains("refs/detente/ledger"));
}

#[test]
fn whoever_may_not_choose_is_told_who_may() {
    let shop = Shop::open();
    let work = shop.path("work");
    let brief = shop.brief(&work, &shop.beyond(), TUESDAY, &[]);
    let refused = shop.choose(&work, "lead", "fastest", &brief, TUESDAY).ends(1);
    assert!(refused.stderr.contains("delivery-delegate and security-delegate"), "{refused:?}");
    // The author holds no role here, and would not be let through with one.
    let refused = shop.choose(&work, "dev", "most-secure", &brief, TUESDAY).ends(1);
    assert!(refused.stderr.contains("authors do not approve their own change"), "{refused:?}");
    assert_eq!(shop.git(&work, &["for-each-ref", "refs/detente"]), "");
}
