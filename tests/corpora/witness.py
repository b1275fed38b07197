"""What others make of other people's calendars: one JSON object a line, on standard output.

Run by `cargo xtask corpora` in an environment of its own. The occurrences are those of
recurring-ical-events and of python-dateutil; nothing of Slotstead is used here. Added to
them is only what an occurrence means for busy time (`takes_time`) and where a time without
a zone is (`instant`). The comparison is made by the crate `slotstead-corpora`.

    witness.py ical FOLDER LABEL    every .ics below FOLDER, by recurring-ical-events
    witness.py rrule TEST_FILE      every rule that dateutil's own tests make, by dateutil

A line is {"corpus", "name", "zone", "now", "file" or "text", "busy" or "error"}; `busy` are
[start, end) in Unix seconds between a day before `now` and 430 days after it.
"""

import contextlib
import itertools
import json
import re
import signal
import sys
import warnings
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

UTC = timezone.utc
DAY = 86_400
BEFORE, AFTER = DAY, 430 * DAY
# Another zone than UTC, so that a time without a zone is told from one in UTC.
HOST_ZONE = "Europe/Oslo"
# Windows of one file or rule, and occurrences within one window.
WINDOWS, OCCURRENCES = 12, 60_000
SECONDS_A_FILE = 20


def tell(**line):
    # Not `sys.stdout`, which is turned away while dateutil's tests run and talk.
    print(json.dumps(line), file=sys.__stdout__)


def instant(value):
    """Unix seconds; a date is its midnight, and what has no zone is where the host lives."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(HOST_ZONE))
    return int((value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def windows(instants):
    """`now`s whose windows hold the given instants, and one a few years after the last."""
    chosen = []
    for at in sorted(instants):
        if not chosen or at > chosen[-1] + AFTER - DAY:
            chosen.append(at)
    chosen = chosen[:WINDOWS]
    return chosen + [chosen[-1] + 5 * 365 * DAY] if chosen else chosen


def merged(intervals):
    result = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return result


def clipped(intervals, now):
    first, last = now - BEFORE, now + AFTER
    cut = ((max(start, first), min(end, last)) for start, end in intervals)
    return merged((start, end) for start, end in cut if start < end)


# ------------------------------------------------------------------ calendars


def takes_time(event):
    outlook = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or outlook == "FREE":
        return False
    if outlook in ("BUSY", "TENTATIVE", "OOF"):
        return True
    return str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


class NoAnswer(Exception):
    pass


def check(calendars):
    """Refuses what the witness is known to misread without saying so."""
    for event in (event for calendar in calendars for event in calendar.walk("VEVENT")):
        start = event.get("DTSTART")
        if start is None:
            raise NoAnswer("an event without a start is put into the year 1970")
        if not isinstance(start.dt, datetime):
            continue
        if start.dt.tzinfo is None and start.params.get("TZID"):
            raise NoAnswer("a zone whose name it does not know is taken for none")
        exceptions = event.get("EXDATE", [])
        exceptions = exceptions if isinstance(exceptions, list) else [exceptions]
        instants = [at.dt for exception in exceptions for at in exception.dts if isinstance(at.dt, datetime)]
        if start.dt.tzinfo is None and any(at.tzinfo for at in instants):
            raise NoAnswer("floating times with an exception in UTC are taken for times in UTC")


def starts_of(calendars):
    for calendar in calendars:
        for event in calendar.walk("VEVENT"):
            if event.get("DTSTART") is not None:
                with contextlib.suppress(Exception):
                    yield instant(event["DTSTART"].dt)


def occurrences(calendars, now):
    import recurring_ical_events

    first = datetime.fromtimestamp(now - BEFORE, UTC)
    last = datetime.fromtimestamp(now + AFTER, UTC)
    for calendar in calendars:
        # A day more on either side: dates and floating times are compared without a zone.
        query = recurring_ical_events.of(calendar).between(first - timedelta(days=1), last + timedelta(days=1))
        for event in query:
            if takes_time(event):
                start, end = event["DTSTART"].dt, event["DTEND"].dt
                if not isinstance(start, datetime) and start == end:
                    end = start + timedelta(days=1)
                yield instant(start), instant(end)


class TooSlow(Exception):
    pass


def on_alarm(*_):
    raise TooSlow("it takes too long")


def ical(folder, label):
    from icalendar import Calendar

    signal.signal(signal.SIGALRM, on_alarm)
    for path in sorted(Path(folder).rglob("*.ics")):
        line = {"corpus": label, "name": path.name, "zone": HOST_ZONE, "file": str(path)}
        signal.alarm(SECONDS_A_FILE)
        now = 0
        try:
            calendars = Calendar.from_ical(path.read_bytes(), multiple=True)
            check(calendars)
            starts = list(starts_of(calendars)) or [0]
            for now in windows(starts):
                busy = list(itertools.islice(occurrences(calendars, now), OCCURRENCES))
                tell(**line, now=now, busy=clipped(busy, now))
        except Exception as error:
            # Its text could quote the calendar.
            tell(**line, now=now, error=type(error).__name__)
        finally:
            signal.alarm(0)


# ---------------------------------------------------------------------- rules


def record():
    """Has dateutil's classes note what is made of them."""
    from dateutil.rrule import rrule, rruleset

    made = []

    def after(kind, name, note):
        original = getattr(kind, name)

        def method(self, *args, **kwargs):
            # First: what it refuses is not noted.
            original(self, *args, **kwargs)
            note(self, args, kwargs)

        setattr(kind, name, method)

    def new_rule(self, args, kwargs):
        self.has_start = kwargs.get("dtstart") is not None or len(args) > 1
        made.append(self)

    def new_set(self, *_):
        self.parts = []
        made.append(self)

    after(rrule, "__init__", new_rule)
    after(rruleset, "__init__", new_set)
    for name in ("rrule", "rdate", "exrule", "exdate"):
        after(rruleset, name, lambda self, args, _, name=name: self.parts.append((name, args[0])))
    return made


def rule_lines(rule):
    text = str(rule).split("\n")
    return [part for part in text if part.startswith("RRULE:")]


def start_of(made):
    if hasattr(made, "parts"):
        starts = [start_of(value) for name, value in made.parts if name == "rrule"]
        dates = [value for name, value in made.parts if name == "rdate"]
        known = [at for at in starts if at is not None]
        return None if len(known) < len(starts) else min(known + dates, default=None)
    return made._dtstart if made.has_start else None


def event_of(made):
    """The event that has this rule or set; None where it cannot be written as one."""
    start = start_of(made)
    if start is None or start.tzinfo is not None:
        return None
    stamp = lambda at: at.strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")
    lines = []
    if hasattr(made, "parts"):
        for name, value in made.parts:
            if name.endswith("rule"):
                if value._dtstart != start:
                    return None
                lines += [line.replace("RRULE", name.upper()) for line in rule_lines(value)]
            elif value.tzinfo is not None:
                return None
            else:
                lines.append(f"{name.upper()}:{stamp(value)}")
    else:
        lines = rule_lines(made)
    # dateutil writes what is without a zone; here everything is in UTC.
    lines = [re.sub(r"UNTIL=(\d{8}T\d{6})\b", r"UNTIL=\1Z", line) for line in lines]
    head = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"DTSTART:{stamp(start)}", "DURATION:PT1S"]
    return "\r\n".join(head + lines + ["END:VEVENT", "END:VCALENDAR", ""])


def rrule(test_file):
    import pytest

    made = record()

    class Plugin:
        test = ""

        def pytest_runtest_setup(self, item):
            Plugin.test = item.nodeid.split("::", 1)[1]
            made.clear()

        def pytest_runtest_teardown(self, item):
            seen = set()
            for one in list(made):
                number = len(seen)
                text = event_of(one)
                if text is not None and text not in seen:
                    seen.add(text)
                    answers(f"{Plugin.test}#{number}", text, one)

    with contextlib.redirect_stdout(sys.stderr):
        pytest.main(["-q", "--tb=no", "--assert=plain", "--capture=no", "-p", "no:cacheprovider", "-c", "/dev/null", test_file], plugins=[Plugin()])


def answers(name, text, made):
    line = {"corpus": "dateutil", "name": name, "zone": "UTC", "text": text}
    seconds = lambda at: int((at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    now = start = seconds(start_of(made))
    # The start of an event occurs whatever its rule says (RFC 5545 section 3.8.5.3), unless it is excluded.
    excluded = [seconds(at) for kind, at in getattr(made, "parts", []) if kind == "exdate"]
    own = [start] if start not in excluded else []
    try:
        first = [seconds(at) for at in itertools.islice(iter(made), 50)]
        for now in windows([start, *first]):
            low = datetime.fromtimestamp(now - BEFORE, UTC).replace(tzinfo=None)
            high = datetime.fromtimestamp(now + AFTER, UTC).replace(tzinfo=None)
            found = map(seconds, itertools.islice(made.xafter(low, inc=True), OCCURRENCES))
            busy = [(at, at + 1) for at in [*own, *found] if at < seconds(high)]
            tell(**line, now=now, busy=clipped(busy, now))
    except (ValueError, OverflowError) as error:
        # The rule names nothing, or goes on past the last year.
        tell(**line, now=now, error=type(error).__name__)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    {"ical": ical, "rrule": rrule}[sys.argv[1]](*sys.argv[2:])
