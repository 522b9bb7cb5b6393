//! Who may decide what: roles, and the people who hold them.

use crate::model::appetite::Appetite;
use crate::model::ledger::{Decider, ForgeIdentity, Person};
use crate::signature::same_key;

/// The role that everybody holds.
pub const ANYONE: &str = "anyone";

/// Whether the decider holds any role of this agreement, or is one of its parties.
pub fn is_known(by: &Decider, appetite: &Appetite) -> bool {
    let parties = appetite.agreed.iter().flat_map(|agreed| agreed.parties.keys());
    appetite.roles.keys().chain(parties).any(|role| role != ANYONE && holds(by, appetite, role))
}

/// Those of `wanted` that the decider holds under this agreement.
pub fn held(by: &Decider, appetite: &Appetite, wanted: &[String]) -> Vec<String> {
    wanted.iter().filter(|role| holds(by, appetite, role)).cloned().collect()
}

fn holds(by: &Decider, appetite: &Appetite, role: &str) -> bool {
    if matches!(by, Decider::Default) {
        return false;
    }
    if role == ANYONE {
        return true;
    }
    let members = appetite.roles.get(role);
    match by {
        Decider::Default => false,
        Decider::SshKey { key, .. } => {
            let party = appetite.agreed.as_ref().and_then(|agreed| agreed.parties.get(role));
            let keys = members.iter().flat_map(|role| &role.keys).chain(party.iter().flat_map(|party| &party.keys));
            keys.into_iter().any(|known| same_key(known, key))
        }
        Decider::Forge(identity) => {
            let names = members.map(|role| match identity.forge.as_str() {
                "github" => role.github.as_slice(),
                "gitlab" => role.gitlab.as_slice(),
                _ => &[],
            });
            named(identity, names.unwrap_or_default())
        }
    }
}

/// Whether one of `names` is the person, or a team that they are in. By the whole name: people have no `/` in theirs and
/// GitHub's teams always have one, so neither is taken for the other, nor one organisation's team for another's. (On GitLab
/// a group and a person never have the same name.)
fn named(identity: &ForgeIdentity, names: &[String]) -> bool {
    names.iter().map(|name| name.trim_start_matches('@')).any(|name| {
        identity.login.eq_ignore_ascii_case(name) || identity.teams.iter().any(|team| team.eq_ignore_ascii_case(name))
    })
}

/// The roles of `wanted` for which nobody is left, if each person stands for one role: a decision that needs two roles
/// needs two people. `held` are the roles of each person.
pub fn missing(wanted: &[String], held: &[Vec<String>]) -> Vec<String> {
    // Augmenting paths: a person who stands for one role moves to another if somebody else can take the first.
    let mut stands: Vec<Option<usize>> = vec![None; held.len()];
    (0..wanted.len())
        .filter(|&role| !place(role, wanted, held, &mut stands, &mut vec![false; held.len()]))
        .map(|role| wanted[role].clone())
        .collect()
}

/// Finds somebody for the role, moving others where they can stand for another one.
fn place(
    role: usize,
    wanted: &[String],
    held: &[Vec<String>],
    stands: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for person in 0..held.len() {
        if seen[person] || !held[person].contains(&wanted[role]) {
            continue;
        }
        seen[person] = true;
        let free = match stands[person] {
            None => true,
            Some(other) => place(other, wanted, held, stands, seen),
        };
        if free {
            stands[person] = Some(role);
            return true;
        }
    }
    false
}

/// Whether the decider wrote part of the change.
pub fn is_author(by: &Decider, authors: &[Person]) -> bool {
    authors.iter().any(|author| match by {
        Decider::Default => false,
        Decider::SshKey { key, email, .. } => {
            (!author.key.is_empty() && same_key(&author.key, key))
                || (!email.is_empty() && author.email.eq_ignore_ascii_case(email))
        }
        Decider::Forge(identity) => {
            (author.forge == identity.forge && author.id == Some(identity.id)) || writes_as(identity, &author.email)
        }
    })
}

/// Whether an address is the one that the forge itself gave the account to write commits under: `7+ada@users.noreply.…` on
/// GitHub, `7-ada@users.noreply.…` on GitLab. The name may be one that it had before.
fn writes_as(identity: &ForgeIdentity, email: &str) -> bool {
    let Some((name, host)) = email.rsplit_once('@') else { return false };
    if !host.to_ascii_lowercase().starts_with("users.noreply.") {
        return false;
    }
    let between = match identity.forge.as_str() {
        "github" => '+',
        "gitlab" => '-',
        _ => return false,
    };
    let numbered = name.split_once(between).is_some_and(|(id, _)| id.parse() == Ok(identity.id));
    // GitHub's older form has no number.
    numbered || identity.forge == "github" && name.eq_ignore_ascii_case(&identity.login)
}

/// Whether two deciders are the same person, as far as that can be known.
pub fn same_person(one: &Decider, other: &Decider) -> bool {
    match (one, other) {
        (Decider::SshKey { key, .. }, Decider::SshKey { key: other, .. }) => same_key(key, other),
        (Decider::Forge(one), Decider::Forge(other)) => {
            (&one.forge, &one.host, one.id) == (&other.forge, &other.host, other.id)
        }
        (Decider::Default, Decider::Default) => true,
        _ => false,
    }
}

/// Who decided, for people.
pub fn name(by: &Decider) -> String {
    match by {
        Decider::SshKey { name, email, key } => match (name.as_str(), email.as_str()) {
            ("", "") => key.split_whitespace().take(2).collect::<Vec<_>>().join(" "),
            ("", email) => email.to_owned(),
            (name, _) => name.to_owned(),
        },
        Decider::Forge(identity) => format!("@{}", identity.login),
        Decider::Default => "agreed default".to_owned(),
    }
}

/// How it is known who decided: the word in files.
pub const fn how(by: &Decider) -> &'static str {
    match by {
        Decider::SshKey { .. } => "ssh-key",
        Decider::Forge(_) => "forge",
        Decider::Default => "default",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_teams_are_never_taken_for_each_other() {
        let is = |name: &str, login: &str, team: &str| {
            let identity = ForgeIdentity {
                forge: "github".to_owned(),
                host: "github.com".to_owned(),
                id: 7,
                login: login.to_owned(),
                bot: false,
                teams: strings(&[team]),
                evidence: String::new(),
                edited: false,
            };
            named(&identity, &strings(&[name]))
        };
        assert!(is("security", "Security", "octo/other"));
        assert!(is("@octo/security", "ada", "Octo/Security"));
        assert!(!is("octo/security", "security", "octo/other"), "a login is no team");
        assert!(!is("security", "ada", "octo/security"), "a team is no login");
        assert!(!is("octo/security", "ada", "elsewhere/security"), "another organisation's team");
        assert!(!is("octo/security", "octo-security", "octo/security-guild"));
    }

    fn account(forge: &str, host: &str, id: u64) -> Decider {
        called("ada", forge, host, id)
    }

    fn called(login: &str, forge: &str, host: &str, id: u64) -> Decider {
        Decider::Forge(ForgeIdentity {
            forge: forge.to_owned(),
            host: host.to_owned(),
            id,
            login: login.to_owned(),
            bot: false,
            teams: Vec::new(),
            evidence: String::new(),
            edited: false,
        })
    }

    fn key(key: &str, email: &str) -> Decider {
        Decider::SshKey { key: key.to_owned(), name: String::new(), email: email.to_owned() }
    }

    const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID8qVh+hvc07TQseulk1a1LWYdXjnvqdgfZAm3Bd1wCL";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAlUwTfv7gSIHZQFklPwC1Qqa/GUhWj1ktqXN3CT+CDa";

    #[test]
    fn a_name_holds_a_role_on_the_forge_for_which_it_is_named() {
        let text = include_str!("../commands/demo/appetite.yml");
        let named =
            text.replace("tech-lead: { github: [octo-lead] }", "tech-lead: { github: [octo-lead], gitlab: [ada] }");
        assert_ne!(named, text);
        let appetite = crate::appetite::read(named.as_bytes(), "appetite.yml").unwrap();
        let holds = |login: &str, forge: &str| {
            !held(&called(login, forge, "forge.example", 7), &appetite, &strings(&["tech-lead"])).is_empty()
        };
        assert!(holds("ada", "gitlab") && holds("octo-lead", "github"));
        assert!(!holds("ada", "github") && !holds("octo-lead", "gitlab"), "on another forge it is somebody else");
        assert!(!holds("octo-lead", "gitea"), "nobody is named for a forge that is not known");
        assert!(held(&Decider::Default, &appetite, &strings(&[ANYONE])).is_empty(), "a default is nobody");
    }

    #[test]
    fn an_author_is_known_by_key_by_address_or_by_account() {
        let authors = |author: Person| [author];
        let by_key = authors(Person { key: format!("{ONE} somebody"), ..Person::default() });
        assert!(is_author(&key(ONE, ""), &by_key) && !is_author(&key(OTHER, ""), &by_key));
        let by_address = authors(Person { email: "Ada@example.com".to_owned(), ..Person::default() });
        assert!(is_author(&key(OTHER, "ada@example.com"), &by_address) && !is_author(&key(OTHER, ""), &by_address));
        let by_account = authors(Person { forge: "github".to_owned(), id: Some(7), ..Person::default() });
        assert!(is_author(&account("github", "github.com", 7), &by_account));
        assert!(!is_author(&account("github", "github.com", 8), &by_account));
        assert!(!is_author(&account("gitlab", "gitlab.com", 7), &by_account));
        for (forge, address, is) in [
            ("github", "7+ada@users.noreply.github.com", true),
            ("github", "7+earlier-name@users.noreply.github.com", true),
            ("github", "Ada@users.noreply.github.com", true),
            ("github", "8+ada@users.noreply.github.com", false),
            ("github", "7-ada@users.noreply.github.com", false),
            ("gitlab", "7-ada@users.noreply.gitlab.example", true),
            ("gitlab", "ada@users.noreply.gitlab.example", false),
            ("gitlab", "7-ada@example.com", false),
            ("gitea", "7+ada@users.noreply.gitea.example", false),
        ] {
            let by_address = authors(Person { email: address.to_owned(), ..Person::default() });
            assert_eq!(is_author(&account(forge, "forge.example", 7), &by_address), is, "{forge}: {address}");
        }
    }

    #[test]
    fn one_person_is_one_key_or_one_account() {
        assert!(same_person(&key(&format!("{ONE} laptop"), "a@example.com"), &key(ONE, "b@example.com")));
        assert!(!same_person(&key(ONE, "a@example.com"), &key(OTHER, "a@example.com")));
        let known = account("github", "github.com", 7);
        assert!(same_person(&known, &account("github", "github.com", 7)));
        for other in [
            account("github", "github.com", 8),
            account("github", "github.example", 7),
            account("gitlab", "github.com", 7),
            key(ONE, ""),
            Decider::Default,
        ] {
            assert!(!same_person(&known, &other), "{other:?}");
        }
        // What is no key at all is nobody's.
        assert!(!same_person(&key("", ""), &key("", "")) && !same_person(&key("x", ""), &key("x", "")));
    }

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn two_roles_need_two_people() {
        let wanted = strings(&["delivery", "security"]);
        let missing = |held: &[&[&str]]| {
            let held: Vec<Vec<String>> = held.iter().map(|roles| strings(roles)).collect();
            super::missing(&wanted, &held)
        };
        assert_eq!(missing(&[]), wanted);
        assert_eq!(missing(&[&["delivery"], &["security"]]), strings(&[]));
        // One person who holds both roles stands for one of them.
        assert_eq!(missing(&[&["delivery", "security"]]), strings(&["security"]));
        // Whoever holds both makes room for whoever holds one.
        assert_eq!(missing(&[&["delivery", "security"], &["delivery"]]), strings(&[]));
        assert_eq!(missing(&[&["delivery"], &["delivery"]]), strings(&["security"]));
    }
}
