"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from fullcycle.core.errors import UserError

State = Literal["ok", "warning", "missing", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing looked at. `cure` is a command, or what to do; it is empty where all is well."""

    id: str
    state: State
    found: str
    cure: str = ""

    @property
    def stops(self) -> bool:
        """Whether something will fail because of it."""
        return self.state in ("missing", "wrong")

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def wrong(name: str, error: UserError) -> Check:
    """An error that a person can mend, as a check that failed."""
    expected = f" (expected {error.expected})" if error.expected else ""
    return Check(
        name, "wrong", f"{error.where}: found {error.found}{expected}", error.hint or "fullcycle run"
    )
