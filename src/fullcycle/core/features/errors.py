"""What is wrong with an expression: where in its text, what was found, what was expected."""

from __future__ import annotations

from fullcycle.core.errors import UserError


class ExpressionError(UserError):
    """A mistake in an expression; `where` is filled by whoever knows the file and line.

    `start` and `end` are places of characters in the text of the expression; the error shows them.
    """

    def __init__(
        self, text: str, start: int, end: int, *, found: str, expected: str, hint: str = "", where: str = ""
    ) -> None:
        self.text, self.start, self.end = text, start, max(end, start + 1)
        self.told = found
        super().__init__(
            where=where or "the expression",
            found=f"{found}\n{pointed(text, self.start, self.end)}",
            expected=expected,
            hint=hint,
        )

    def at(self, where: str) -> ExpressionError:
        """The same mistake, in a file."""
        return ExpressionError(
            self.text,
            self.start,
            self.end,
            found=self.told,
            expected=self.expected,
            hint=self.hint,
            where=where,
        )


def pointed(text: str, start: int, end: int) -> str:
    """The line of the text with a row of carets below what is meant."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    line = text[first : last if last >= 0 else len(text)]
    width = max(min(end, first + len(line)) - start, 1)
    return f"  {line}\n  {' ' * (start - first)}{'^' * width}"
