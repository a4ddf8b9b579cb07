"""How values and changes of a metric are written: a share in per cent, a change of it in points."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Interval
from fullcycle.people.report.charts.canvas import Format
from fullcycle.people.report.words import Words


def value_text(words: Words, kind: str, value: float | None) -> str:
    """`10.2%`, or `26.1`."""
    return words.percent(value, 2) if kind == "conversion" else words.amount(value, 4)


def change_text(words: Words, kind: str, value: float | None) -> str:
    """`+0.87 pp`, or `−0.3`."""
    if value is None:
        return "–"
    sign = "+" if value > 0 else ""
    if kind == "conversion":
        return sign + words.unit(words.number(value * 100, 3), words.pgettext("unit", "pp"))
    return sign + words.amount(value, 3)


def change_axis(words: Words, kind: str) -> Format:
    """The same on an axis, whose title names the unit."""
    if kind == "conversion":
        return lambda value: words.number(value * 100, 3)
    return words.amounts(3)


def change_title(words: Words, metric: str, kind: str) -> str:
    """What an axis of changes is about, with its unit."""
    if kind == "conversion":
        return words.gettext("change of %(metric)s, percentage points") % {"metric": metric}
    return words.gettext("change of %(metric)s, in its own unit") % {"metric": metric}


def interval_of(words: Words, kind: str, interval: Interval) -> Markup:
    """`+0.87 pp (95% interval +0.27 pp to +1.48 pp)`."""
    return words.say(
        "%(value)s (%(confidence)s interval %(low)s to %(high)s)",
        value=change_text(words, kind, interval.value),
        confidence=words.percent(interval.confidence),
        low=change_text(words, kind, interval.low),
        high=change_text(words, kind, interval.high),
    )


def plain_interval(words: Words, kind: str, interval: Interval) -> str:
    """The same as text, for charts."""
    low, high = change_text(words, kind, interval.low), change_text(words, kind, interval.high)
    return f"{change_text(words, kind, interval.value)} ({low} – {high})"


def signed_percent(words: Words, share: float | None) -> str:
    """`+8.6%`."""
    return ("+" if share is not None and share > 0 else "") + words.percent(share)
