"""Progress is a bar on a terminal and now and then a line elsewhere."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from fullcycle.core import progress as module
from fullcycle.core.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticking(*moments: float):
    return iter(moments).__next__


def test_a_terminal_gets_a_bar_with_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    with progress(3, "trials", stream=terminal) as advance:
        advance()
        advance(2, note="best 0.847")
    assert "trials" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


def test_a_terminal_that_cannot_redraw_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    with progress(2, "trials", stream=terminal) as advance:
        advance(2)
    assert terminal.getvalue() == ""


def test_elsewhere_short_work_is_silent() -> None:
    stream = io.StringIO()
    with progress(100, "rows", stream=stream) as advance:
        for _ in range(100):
            advance()
    assert stream.getvalue() == ""


def test_elsewhere_long_work_says_a_line_each_ten_seconds() -> None:
    stream = io.StringIO()
    clock = ticking(0.0, 4.0, 11.0, 11.0, 15.0, 30.0, 30.0, 45.0)
    with module._lines(5, "trials", stream, clock) as advance:
        for _ in range(5):
            advance(note="best 0.8")
    assert stream.getvalue() == "trials: 2 of 5, best 0.8\ntrials: 4 of 5, best 0.8\n"


def test_an_error_inside_ends_the_bar_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with pytest.raises(ValueError, match="no"), progress(2, "trials", stream=terminal):
        raise ValueError("no")
    assert terminal.getvalue().rstrip().endswith(("\x1b[?25h", "\x1b[2K"))  # the cursor is back


def test_no_terminal_means_that_rich_is_not_imported() -> None:
    code = (
        "import sys; from fullcycle.core.progress import progress\n"
        "with progress(1, 'a') as advance: advance()\n"
        "assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.PIPE)
