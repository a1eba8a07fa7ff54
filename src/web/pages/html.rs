//! HTML that cannot be broken out of: markup is part of the program, everything else is escaped.

/// HTML under construction.
#[derive(Default)]
pub(crate) struct Html(String);

impl Html {
    /// Markup. Only what is written in the program can be.
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, between tags or between the quotes of an attribute.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for sign in text.chars() {
            match sign {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(sign),
            }
        }
        self
    }

    /// Text in which backticks enclose code.
    pub(crate) fn prose(&mut self, text: &str) -> &mut Self {
        for (at, part) in text.split('`').enumerate() {
            match at % 2 {
                0 => self.text(part),
                _ => self.markup("<code>").text(part).markup("</code>"),
            };
        }
        self
    }

    /// The whole of it.
    pub(crate) fn done(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut html = Html::default();
        html.markup("<p title=\"").text("\"><script>'&").markup("\">").prose("a `<b>` c").markup("</p>");
        let wanted = "<p title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">a <code>&lt;b&gt;</code> c</p>";
        assert_eq!(html.done(), wanted);
    }
}
