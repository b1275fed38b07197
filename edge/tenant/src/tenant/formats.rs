//! The forms of single values: e-mail addresses, telephone numbers, origins, colours.

use slotstead_shared::limits::EMAIL_CHARS;

/// Whether nothing is seen of a character (Unicode's `Default_Ignorable_Code_Point`, and the separators of lines
/// and annotations that are no control characters).
pub fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character ends a line or turns the writing of what comes after it round, so that a
/// name with it says something else than it seems to, or rewrites its surroundings.
pub fn is_unruly(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether mail can be sent there, as far as the text tells. What else RFC 5321 allows in quotes
/// and brackets is in no booker's address.
pub fn email(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("Please fill in your e-mail address");
    }
    if value.chars().count() > EMAIL_CHARS {
        return Err("This address is longer than 254 characters");
    }
    if value
        .chars()
        .any(|char| char.is_whitespace() || char.is_control())
    {
        return Err("An e-mail address has no spaces");
    }
    if value.chars().any(is_invisible) {
        return Err("This address has a character that is not seen; type it anew");
    }
    if value.contains(['<', '>', '"', '(', ')', ',', ';', ':', '\\', '[', ']']) {
        return Err("This is more than an e-mail address, such as amal@example.com");
    }
    let Some((user, domain)) = value.split_once('@') else {
        return Err("This address has no @");
    };
    if domain.contains('@') {
        return Err("This address has more than one @");
    }
    if user.is_empty() {
        return Err("This address has nothing before the @");
    }
    if user.starts_with('.') || user.ends_with('.') || user.contains("..") {
        return Err("The dots before the @ are not where they can be");
    }
    if domain.is_empty() {
        return Err("This address has nothing after the @");
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let ending = labels.last().copied().unwrap_or_default();
    if labels.len() < 2 || ending.is_empty() {
        return Err("This address has no ending, such as .com or .no");
    }
    let is_label = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|char| char.is_alphanumeric() || char == '-')
    };
    if !labels.iter().all(is_label)
        || ending.chars().count() < 2
        || ending.chars().all(|char| char.is_ascii_digit())
    {
        return Err("What follows the @ is not a domain, such as example.com");
    }
    Ok(())
}

/// 5 to 15 digits (ITU-T E.164, 6.1), with what people write between them.
pub fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let others = value.strip_prefix('+').unwrap_or(value);
    (5..=15).contains(&digits)
        && others
            .chars()
            .all(|char| char.is_ascii_digit() || " -().\u{a0}/".contains(char))
}

/// Whether this is an origin as browsers write it (RFC 6454, 6.2) of a page that may carry the
/// widget: https, or http on the owner's own machine.
pub fn origin(value: &str) -> Result<(), &'static str> {
    const FORM: &str = "This is not an origin: https:// and a host name, nothing after it";
    let (scheme, authority) = value.split_once("://").ok_or(FORM)?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("An origin is written in lower case");
    }
    if host.contains('*') {
        return Err("An origin names one host; write each one in a line of its own");
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(FORM);
    }
    let local = matches!(host, "localhost" | "127.0.0.1");
    match scheme {
        "https" => {}
        "http" if local => {}
        "http" => return Err("This origin is not https; visitors would book over an open line"),
        _ => return Err(FORM),
    }
    if let Some(port) = port {
        let default = if scheme == "https" { "443" } else { "80" };
        if port == default {
            return Err("A browser leaves the usual port out of an origin; leave it out here too");
        }
        let number = port.parse::<u16>().map_err(|_| FORM)?;
        if number == 0 || number.to_string() != port {
            return Err(FORM);
        }
    }
    Ok(())
}

/// `#rrggbb`.
pub fn is_colour(value: &str) -> bool {
    value.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_take_mail_pass_and_others_are_told_why() {
        for good in [
            "amal@example.com",
            "a.b+c@x.co.uk",
            "øye@blåbær.no",
            "o'neil@example.museum",
        ] {
            assert_eq!(email(good), Ok(()), "{good}");
        }
        assert_eq!(
            email("amal@example"),
            Err("This address has no ending, such as .com or .no")
        );
        assert_eq!(
            email("amal@example."),
            Err("This address has no ending, such as .com or .no")
        );
        for bad in [
            "",
            "amal",
            "@example.com",
            "amal@",
            "a@b@c.no",
            "a b@c.no",
            "a@c..no",
            "a@.no",
            ".a@c.no",
            "a..b@c.no",
            "a@-c.no",
            "a@c.n",
            "a@127.0.0.1",
            "a@c.12",
            "a.@c.no",
            "a@c-.no",
            "Amal <a@c.no>",
            "a@c.no,b",
            "a@c_d.no",
            "a\u{0}@c.no",
            "a\u{200b}@c.no",
            "a\u{202e}on.c@c.no",
            "\u{ad}@c.no",
            &format!("{}@c.no", "a".repeat(250)),
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for good in [
            "https://example.com",
            "https://www.xn--blbr-roah.no",
            "https://example.com:8443",
            "http://localhost:8080",
            "http://127.0.0.1:9000",
            "http://localhost",
        ] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "null",
            "*",
            "https://*.example.com",
            "https://example.com/",
            "https://example.com/a",
            "https://Example.com",
            "HTTPS://example.com",
            "http://example.com",
            "example.com",
            "https://",
            "https://a@example.com",
            "https://example.com:443",
            "http://localhost:80",
            "https://example.com:",
            "https://example.com:08443",
            "https://example.com:99999",
            "https://example.com?x",
            "https://exa mple.com",
            "https://-a.com",
            "https://a-.com",
            "https://example.com:0",
            &format!("https://{}com", "a.".repeat(126)),
            "https://a..com",
            "ftp://example.com",
            "https://blåbær.no",
            "http://localhost.example.com",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers_are_digits_and_what_people_put_between_them() {
        for good in [
            "+47 22 12 34 56",
            "(02) 6123-4567",
            "110 22",
            "+1.555.010.0199",
        ] {
            assert!(is_phone(good), "{good}");
        }
        for bad in [
            "",
            "1234",
            "call me",
            "+47 22 12 34 56 78 90 12 34",
            "47+221234",
            "2212345a",
        ] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn colours_have_six_digits() {
        assert!(is_colour("#0a7F5c"));
        for bad in ["", "#fff", "0a7f5c", "#0a7f5", "#0a7f5cc", "#0a7f5g", "red"] {
            assert!(!is_colour(bad), "{bad}");
        }
    }
}
