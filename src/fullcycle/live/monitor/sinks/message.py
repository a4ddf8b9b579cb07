"""An alarm as a message: the same facts for every sink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fullcycle.core.evidence.monitor import AlarmFacts
from fullcycle.live.monitor.advice import advice_of, line_of


@dataclass(frozen=True)
class Message:
    """Alarms of one project at one look."""

    project: str
    bundle: str
    source: str
    moment: str
    alarms: Sequence[AlarmFacts]

    def facts(self, alarm: AlarmFacts) -> dict[str, Any]:
        """One alarm, flat."""
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

    def text(self) -> str:
        """For people, a line for each alarm and what to do."""
        lines = [f"{self.project}: {len(self.alarms)} alarm{'' if len(self.alarms) == 1 else 's'}"]
        for alarm in self.alarms:
            severity, said = alarm.finding.severity.value, line_of(alarm)
            lines.append(f"[{severity}] {said} ({alarm.id}). To do: {advice_of(alarm.finding.code)}.")
        return "\n".join(lines)
