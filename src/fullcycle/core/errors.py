"""The two kinds of failure a person may see, and the exit codes that go with them.

Exit codes: 0 fine, 1 a gate or a check failed, 2 wrong usage or input (DESIGN, promise 8).
"""

from __future__ import annotations

EXIT_FINE = 0
EXIT_CHECK_FAILED = 1
EXIT_WRONG_INPUT = 2


class UserError(Exception):
    """A mistake that a person can mend: where it is, what was found, what was expected, what to type next."""

    exit_code = EXIT_WRONG_INPUT

    def __init__(self, *, where: str, found: str, expected: str = "", hint: str = "") -> None:
        super().__init__(where, found, expected, hint)
        self.where, self.found, self.expected, self.hint = where, found, expected, hint

    def __str__(self) -> str:
        lines = [f"{self.where}: found {self.found}"]
        if self.expected:
            lines.append(f"expected: {self.expected}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str]:
        """The same four parts for `--json`."""
        return {"where": self.where, "found": self.found, "expected": self.expected, "hint": self.hint}


class CheckFailed(UserError):
    """The input was fine and a proof or gate said no; exit code 1."""

    exit_code = EXIT_CHECK_FAILED


class MissingExtra(UserError):
    """An optional library that is not installed."""

    def __init__(self, what: str, *, install: str) -> None:
        super().__init__(where=what, found="a library that is not installed", hint=install)
