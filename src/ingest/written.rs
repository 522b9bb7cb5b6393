//! A text of a report as it stands there: lent by the report, unless an escape in it had to be resolved. Reports hold
//! many texts and few of them are kept.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A text, lent or owned.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written<'a>(Cow<'a, str>);

impl Written<'_> {
    /// The first characters of it, where it has more.
    pub fn cut(&mut self, most: usize) {
        // Most texts are short, and no character is less than a byte.
        if self.0.len() <= most {
            return;
        }
        let Some((end, _)) = self.0.char_indices().nth(most) else { return };
        match &mut self.0 {
            Cow::Borrowed(text) => *text = &text[..end],
            Cow::Owned(text) => text.truncate(end),
        }
    }
}

impl Deref for Written<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Written<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<Written<'_>> for String {
    fn from(written: Written<'_>) -> Self {
        written.0.into_owned()
    }
}

impl From<String> for Written<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Written<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Written<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Written<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Written<'de>, E> {
        Ok(Written(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written<'de>, E> {
        Ok(Written(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Written<'de>, E> {
        Ok(Written(Cow::Owned(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_lent_unless_it_holds_an_escape() {
        let read = |json: &'static str| serde_json::from_str::<Written<'_>>(json).unwrap().0;
        assert!(matches!(read(r#""plain é""#), Cow::Borrowed("plain é")));
        assert!(matches!(read(r#""a\nb""#), Cow::Owned(text) if text == "a\nb"));
        assert!(serde_json::from_str::<Written<'_>>("1").is_err());
    }

    #[test]
    fn a_cut_counts_characters() {
        for mut written in [Written::from("éàü"), Written::from("éàü".to_owned())] {
            written.cut(3);
            assert_eq!(&*written, "éàü");
            written.cut(2);
            assert_eq!(&*written, "éà");
        }
    }
}
