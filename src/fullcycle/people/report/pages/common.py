"""What several pages say or draw in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from babel.dates import format_date
from markupsafe import Markup

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.base import Evidence, Finding, Histogram, Interval, Severity
from fullcycle.people.report.blocks import Cell, Chart, Conclusion, Text
from fullcycle.people.report.charts.distributions import histogram
from fullcycle.people.report.sentences import tell, title_of
from fullcycle.people.report.words import Words

SAME_AT_MOST = 3  # findings of one code told in full; the rest are named in one line
SERIOUS_FIRST = {Severity.error: 0, Severity.warning: 1, Severity.info: 2}


def interval_text(words: Words, interval: Interval, show: Callable[[float | None], str]) -> Markup:
    """`0.848 (95% interval 0.838 to 0.858)`."""
    if interval.value is None or interval.low is None or interval.high is None:
        return Markup("{}").format(show(interval.value))
    return words.say(
        "%(value)s (%(confidence)s interval %(low)s to %(high)s)",
        value=show(interval.value),
        confidence=words.percent(interval.confidence),
        low=show(interval.low),
        high=show(interval.high),
    )


def told(
    words: Words, evidences: Iterable[Evidence | None], link: Callable[[Finding], str] = lambda _: ""
) -> list[Conclusion]:
    """Findings as sentences: the serious ones first, else in the order of the evidence, the weightiest first.

    Many of one code become a few, and a list of columns."""
    findings = [finding for evidence in evidences if evidence is not None for finding in evidence.findings]
    groups: dict[tuple[int, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: SERIOUS_FIRST[finding.severity]):
        groups.setdefault((SERIOUS_FIRST[finding.severity], finding.code), []).append(finding)
    return [line for group in groups.values() for line in _condensed(words, group, link)]


def told_in_order(
    words: Words, evidence: Evidence, link: Callable[[Finding], str] = lambda _: ""
) -> list[Conclusion]:
    """Findings as sentences in the order of the evidence, each code's whole where its first one stands."""
    groups: dict[str, list[Finding]] = {}
    for finding in evidence.findings:
        groups.setdefault(finding.code, []).append(finding)
    return [line for group in groups.values() for line in _condensed(words, group, link)]


def _condensed(words: Words, findings: Sequence[Finding], link: Callable[[Finding], str]) -> list[Conclusion]:
    shown = findings if len(findings) <= SAME_AT_MOST + 1 else findings[:SAME_AT_MOST]
    lines = [
        Conclusion(tell(words, finding), finding.severity.value, finding.code, link(finding))
        for finding in shown
    ]
    rest = findings[len(shown) :]
    if rest:
        columns = list(dict.fromkeys(column for finding in rest for column in finding.columns))
        lines.append(Conclusion(_more(words, rest, columns), rest[0].severity.value, rest[0].code))
    return lines


def _more(words: Words, rest: Sequence[Finding], columns: Sequence[str]) -> Markup:
    title = title_of(words, rest[0].code)
    if not columns:
        return words.count("%(title)s: %(n)s more.", "%(title)s: %(n)s more.", len(rest), title=title)
    return words.say("%(title)s, also: %(columns)s.", title=title, columns=words.names(columns, 12))


def number_format(words: Words, type_: ColumnType | None = None) -> Callable[[float], str]:
    """How values of a column are written on an axis: datetimes are microseconds."""
    if type_ is not ColumnType.datetime:
        return words.numbers()
    return lambda value: day(words, value)


def day(words: Words, microseconds: float) -> str:
    """The date of a moment."""
    try:
        moment = datetime.fromtimestamp(microseconds / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return words.number(microseconds)
    pattern = "MMM d, y" if words.language == "en" else "d MMM y"
    return str(format_date(moment, pattern, locale=words.locale))


def histogram_chart(
    words: Words,
    column: str,
    data: Histogram,
    *,
    title: Text = "",
    type_: ColumnType | None = None,
    span: tuple[float, float] | None = None,
    top: int = 1,
) -> Chart:
    """How the values of a column are spread; `span` and `top` widen the axes to compare with another one."""
    shown = number_format(words, type_)
    label = words.gettext(
        "Histogram of %(column)s: %(bins)s bins from %(low)s to %(high)s, %(rows)s values."
    ) % {
        "column": column,
        "bins": words.whole(len(data.counts)),
        "low": shown(data.edges[0]),
        "high": shown(data.edges[-1]),
        "rows": words.whole(sum(data.counts)),
    }
    picture = histogram(
        data,
        label=label,
        x_title=column,
        y_title=words.gettext("rows"),
        x_format=shown,
        y_format=words.tally,
        span=span,
        top=top,
    )
    return Chart(title or words.gettext("Distribution"), picture)


def yes_no(words: Words, passed: bool) -> Markup:
    """A passed or failed check, with a sign beside its colour."""
    if passed:
        return Markup('<span class="yes">✓ {}</span>').format(words.pgettext("check", "passed"))
    return Markup('<span class="no">✕ {}</span>').format(words.pgettext("check", "failed"))


def cell(text: Text, sort: float | str | None = None, bar: float | None = None) -> Cell:
    """A table's cell."""
    return Cell(text, sort, bar)


def whole(words: Words, number: float | None) -> Cell:
    """A cell with a count."""
    return Cell(words.whole(number), "" if number is None else number)


def real(words: Words, number: float | None) -> Cell:
    """A cell with a number."""
    return Cell(words.number(number), "" if number is None else number)


def with_share(words: Words, part: float, total: float) -> str:
    """`22 (0.3%)`."""
    if not total:
        return words.whole(part)
    return f"{words.whole(part)} ({words.percent(part / total)})"


def parameter(words: Words, value: object) -> Markup:
    """A model's parameter as data."""
    if isinstance(value, float):
        return words.data(words.number(value))
    return words.data("–" if value is None else value)
