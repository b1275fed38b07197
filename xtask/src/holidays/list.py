"""Writes the public holidays of every country and region that the package `holidays` knows.

    python list.py VERSION FOLDER

`cargo xtask holidays VERSION` runs this in an environment with that version. The same version
gives the same bytes. What the lines of public.txt mean is said at its top.
"""

import re
import sys
from collections import defaultdict
from datetime import date
from importlib import metadata
from pathlib import Path

import holidays
from holidays.utils import list_supported_countries

# India's and Nepal's dates are tables in the package, which end in 2035.
FIRST, LAST = 2025, 2035

# A name that came every year for this long and then never again, however far ahead one looks, is
# a table of the package that has run out. What the days are after it is not known.
EVERY_YEAR = 5
AHEAD = 10

HEAD = """\
# Public holidays, observed days included, as the Python package `holidays` {version} knows them.
# Written by `cargo xtask holidays {version}`; do not edit. The package is under the MIT licence,
# which stands in the file LICENSE beside this one.
#
# country CODE      ISO 3166-1 alpha-2. The lines below it are its days.
# region CODE, ...  regions of that country that have the same days, by the package's code (most
#                   are the second part of ISO 3166-2). The lines below say how their days differ
#                   from the country's; no lines, no difference.
# until YEAR        the last year that is known, where it is not the last of all
# every MMDD ...    the days that are holidays in every year
# 2027 MMDD ...     and those of that year. `+` adds to the country's days, `-` takes away.
"""


def without_remark(name):
    """`Eid al-Fitr (estimated)` and `Eid al-Fitr (observed)` are the same holiday."""
    return re.sub(r"\s*[((][^))]*[))]", "", name).strip()


def read(country, region):
    """The days of a country or region, and the last year in which all of them are known."""
    found = holidays.country_holidays(
        country,
        subdiv=region,
        years=range(FIRST, LAST + AHEAD + 1),
        categories=(holidays.PUBLIC,),
        observed=True,
    )
    years_of = defaultdict(set)
    for day in found:
        for name in found.get_list(day):
            years_of[without_remark(name)].add(day.year)
    until = min(LAST, found.end_year)
    for years in years_of.values():
        last = max(years)
        if all(year in years for year in range(last - EVERY_YEAR + 1, last + 1)):
            until = min(until, last)
    days = {day for day in found if FIRST <= day.year <= until}
    if days and {day.year for day in days} != set(range(FIRST, until + 1)):
        sys.exit(f"{country} {region or ''}: a year up to {until} has no holiday at all")
    return days, until


def lines(added, removed, until, sign):
    """The lines below a country or region."""
    if until < LAST:
        yield f"until {until}"
    years = range(FIRST, until + 1)
    every = {}
    for days, mark in ((added, sign), (removed, "-")):
        candidates = {(day.month, day.day) for day in days} - {(2, 29)}
        every[mark] = {
            (month, day)
            for month, day in candidates
            if all(date(year, month, day) in days for year in years)
        }
    marked = [(day, sign) for day in added] + [(day, "-") for day in removed]
    fixed = sorted((*day, mark) for mark, days in every.items() for day in days)
    if fixed:
        yield "every " + " ".join(f"{mark}{month:02}{day:02}" for month, day, mark in fixed)
    for year in years:
        moving = sorted(
            (day, mark)
            for day, mark in marked
            if day.year == year and (day.month, day.day) not in every[mark]
        )
        if moving:
            yield f"{year} " + " ".join(f"{mark}{day:%m%d}" for day, mark in moving)


def country_lines(country, regions):
    """All lines of a country, its regions included."""
    own, own_until = read(country, None)
    if not own:
        # Nobody lives there, or the law suspends the days. A list that says "none until the
        # last year" would promise more than the package knows, so the country is left out.
        return
    yield ""
    yield f"country {country}"
    yield from lines(own, set(), own_until, "")
    alike = defaultdict(list)
    for region in sorted(regions):
        if not region or "," in region or region != region.strip():
            sys.exit(f"{country}: the region {region!r} cannot be written")
        days, until = read(country, region)
        alike[frozenset(days), min(until, own_until)].append(region)
    for (days, until), names in sorted(alike.items(), key=lambda entry: entry[1]):
        yield "region " + ", ".join(names)
        base = {day for day in own if day.year <= until}
        kept = {day for day in days if day.year <= until}
        shown = until if until < own_until else LAST
        yield from lines(kept - base, base - kept, shown, "+")


def main():
    version, folder = sys.argv[1], Path(sys.argv[2])
    if metadata.version("holidays") != version:
        sys.exit(f"this environment has holidays {metadata.version('holidays')}, not {version}")
    text = [HEAD.format(version=version)]
    text += [f"source holidays {version}", f"years {FIRST} {LAST}"]
    for country, regions in sorted(list_supported_countries(include_aliases=False).items()):
        text += country_lines(country, regions)
    (folder / "public.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    [licence] = [file for file in metadata.files("holidays") if file.name == "LICENSE"]
    (folder / "LICENSE").write_bytes(licence.locate().read_bytes())


main()
