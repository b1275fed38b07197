//! What is kept of a file, and which files are refused as a whole.

use super::*;

const PLAIN: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:secret\r\nDTSTART:20270311T090000Z\r\n\
                     END:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn only_lines_that_say_when_are_kept() {
    let kept = prepare(PLAIN.as_bytes()).unwrap();
    assert_eq!(
        kept,
        "BEGIN:VCALENDAR\nX-LINE:1\nBEGIN:VEVENT\nX-LINE:2\nDTSTART:20270311T090000Z\n\
         END:VEVENT\nEND:VCALENDAR\n"
    );
}

#[test]
fn line_ends_folds_case_and_byte_order_marks_do_not_matter() {
    let expected = prepare(PLAIN.as_bytes()).unwrap();
    assert_eq!(
        prepare(PLAIN.replace("\r\n", "\n").as_bytes()).unwrap(),
        expected
    );
    assert_eq!(
        prepare(PLAIN.replace("\r\n", "\r").as_bytes()).unwrap(),
        expected
    );
    assert_eq!(
        prepare(format!("\u{feff}{PLAIN}").as_bytes()).unwrap(),
        expected
    );
    let folded = PLAIN.replace("DTSTART:2027", "DTST\r\n ART:2\r\n\t027");
    assert_eq!(prepare(folded.as_bytes()).unwrap(), expected);
    let lower = PLAIN
        .replace("DTSTART", "dtstart")
        .replace("BEGIN", "begin")
        .replace("VEVENT", "vevent");
    assert_eq!(prepare(lower.as_bytes()).unwrap(), expected);
    let mut latin = PLAIN.replace("secret", "m?te").into_bytes();
    let at = latin.iter().position(|byte| *byte == b'?').unwrap();
    latin[at] = 0xf8;
    assert_eq!(prepare(&latin).unwrap(), expected);
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let lines: Vec<&str> = PLAIN.split_inclusive("\r\n").collect();
    for kept in 1..lines.len() {
        assert_eq!(
            prepare(lines[..kept].concat().as_bytes()),
            Err(FeedError::Truncated),
            "{kept}"
        );
    }
    assert_eq!(prepare(b""), Err(FeedError::NotACalendar));
    assert_eq!(
        prepare(b"<!DOCTYPE html><title>Log in"),
        Err(FeedError::NotACalendar)
    );
    let unclosed = PLAIN.replace("END:VEVENT\r\n", "");
    assert_eq!(
        prepare(unclosed.as_bytes()),
        Err(FeedError::Structure { line: 5 })
    );
    let remark = format!("{PLAIN}X-COMMENT:cached\r\n");
    assert_eq!(prepare(remark.as_bytes()), prepare(PLAIN.as_bytes()));
    let trailing = format!("{PLAIN}<script>");
    assert_eq!(
        prepare(trailing.as_bytes()),
        Err(FeedError::Structure { line: 7 })
    );
}

#[test]
fn an_encoded_value_that_would_swallow_the_next_line_is_refused() {
    let with = |line: &str| prepare(PLAIN.replace("SUMMARY:secret", line).as_bytes());
    for (line, property) in [
        ("UID;ENCODING=QUOTED-PRINTABLE:one=", "UID"),
        ("UID;ENCODING=8BIT:one", "UID"),
        (
            "SUMMARY;CHARSET=UTF-8;encoding=quoted-printable:Caf=C3=A9=",
            "ENCODING=QUOTED-PRINTABLE",
        ),
    ] {
        let refused = FeedError::Line { line: 3, property };
        assert_eq!(with(line), Err(refused), "{line}");
    }
    for line in [
        "SUMMARY;ENCODING=8BIT:secret=",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:c2VjcmV0cw==",
        "SUMMARY;ENCODING=QUOTED-PRINTABLE:Caf=C3=A9",
    ] {
        assert_eq!(with(line), prepare(PLAIN.as_bytes()), "{line}");
    }
}

#[test]
fn a_rule_broken_without_a_fold_is_not_read_by_half() {
    let broken = PLAIN.replace(
        "END:VEVENT",
        "RRULE:FREQ=WEEKLY;BYDAY=MO\r\n,TU,WE;UNTIL=20280101\r\nEND:VEVENT",
    );
    assert_eq!(
        prepare(broken.as_bytes()),
        Err(FeedError::Line {
            line: 6,
            property: "RRULE"
        })
    );
    // After a dropped line a stray one belongs to that.
    let note = PLAIN.replace("SUMMARY:secret", "DESCRIPTION:two\r\nlines: of text");
    assert_eq!(
        prepare(note.as_bytes()).unwrap(),
        prepare(PLAIN.as_bytes()).unwrap()
    );
}
