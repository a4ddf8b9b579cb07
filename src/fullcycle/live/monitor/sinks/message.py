"""What sinks are told: the same facts for every sink, and a text for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fullcycle.core.evidence.monitor import AlarmFacts
from fullcycle.live.monitor.advice import advice_of, line_of


class Told(NamedTuple):
    """`items` are the facts, flat; `event` and `kind` name them for programs (fullcycle_alarms, alarms)."""

    event: str
    kind: str
    text: str
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Alarms:
    """Alarms of one project at one look."""

    project: str
    bundle: str
    source: str
    moment: str
    alarms: Sequence[AlarmFacts]

    def told(self) -> Told:
        """For sinks: what rings, and what to do about it."""
        return Told("fullcycle_alarms", "alarms", self._text(), [self._facts(each) for each in self.alarms])

    def _facts(self, alarm: AlarmFacts) -> dict[str, Any]:
        found = alarm.finding
        return {
            "time": self.moment,
            "project": self.project,
            "bundle": self.bundle,
            "source": self.source,
            "id": alarm.id,
            "code": found.code,
            "severity": found.severity.value,
            "columns": list(found.columns),
            "facts": found.facts,
            "first_window": alarm.first_window,
            "last_window": alarm.last_window,
            "windows": alarm.windows,
            "to_do": advice_of(found.code),
        }

    def _text(self) -> str:
        lines = [f"{self.project}: {len(self.alarms)} alarm{'' if len(self.alarms) == 1 else 's'}"]
        for alarm in self.alarms:
            severity, said = alarm.finding.severity.value, line_of(alarm)
            lines.append(f"[{severity}] {said} ({alarm.id}). To do: {advice_of(alarm.finding.code)}.")
        return "\n".join(lines)
