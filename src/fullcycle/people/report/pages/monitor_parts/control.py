"""Control charts of the log: each metric by window, and which charts rang when."""

from __future__ import annotations

from datetime import datetime

from fullcycle.core.evidence.monitor import ControlFacts
from fullcycle.people.report.blocks import Block, Chart, Charts, Paragraphs, Section
from fullcycle.people.report.charts.lines import Period, time_line
from fullcycle.people.report.pages.common import day
from fullcycle.people.report.pages.monitor_parts.alarms import moment
from fullcycle.people.report.sentences.monitoring import CHARTED
from fullcycle.people.report.words import Words


def control_section(words: Words, charts: tuple[ControlFacts, ...]) -> list[Section]:
    """Of windows that have a time."""
    drawn = [each for each in charts if not each.windows[0].startswith("row ")]
    if not drawn:
        return []
    blocks: list[Block] = [
        Paragraphs(
            [
                words.say(
                    "Each window is compared with those before it (a self-starting chart, Hawkins 1987),"
                    " the weekly season taken out where windows are days. Shewhart's chart sees a jump,"
                    " EWMA and CUSUM what creeps; their limits follow from the promise of false alarms."
                )
            ]
        ),
        Charts([_chart(words, each) for each in drawn]),
    ]
    return [Section("control", words.gettext("Control charts"), blocks)]


def _chart(words: Words, facts: ControlFacts) -> Chart:
    title = words.gettext(CHARTED[facts.metric])
    rung = {signal.at for signal in facts.signals}
    starts = [datetime.fromisoformat(key).timestamp() * 1e6 for key in facts.windows]
    length = starts[1] - starts[0] if len(starts) > 1 else 1.0
    periods = [
        Period(start, start + length, value, told=f"{moment(words, key)}: {words.number(value, 3)}")
        for start, key, value in zip(starts, facts.windows, facts.values, strict=True)
        if value is not None
    ]
    picture = time_line(
        periods,
        label=title,
        x_title=words.gettext("window"),
        y_title=words.gettext("milliseconds") if facts.metric == "latency" else words.gettext("mean"),
        x_format=lambda value: day(words, value),
        y_format=words.numbers(3),
    )
    if not rung:
        return Chart(title, picture, words.gettext("No chart rang."))
    last = max(rung)
    note = words.count(
        "Charts rang at %(n)s window, last at %(last)s.",
        "Charts rang at %(n)s windows, last at %(last)s.",
        len(rung),
        last=moment(words, facts.windows[last]),
    )
    return Chart(title, picture, note)
