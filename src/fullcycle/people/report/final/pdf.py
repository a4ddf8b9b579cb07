"""An HTML report as PDF, printed by a browser that is at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import written_aside

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SECONDS = 120
QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--no-pdf-header-footer",
)


def browser() -> str | None:
    """A browser that prints without a window, if one is on the path."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def print_pdf(page: Path, target: Path, program: str) -> None:
    """Print a page with its print style. Raises UserError where the browser fails."""
    # A sandbox needs a user of its own: as root, in a container, there is none.
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with TemporaryDirectory(prefix="fullcycle-print-") as profile, written_aside(target) as aside:
        command = [
            program,
            *QUIET,
            *alone,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={aside}",
            page.as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise _failed(program, page, f"no end within {SECONDS} s") from error
        if done.returncode != 0 or not aside.exists():
            raise _failed(program, page, done.stderr.strip().rpartition("\n")[2] or "no file")


def _failed(program: str, page: Path, found: str) -> UserError:
    return UserError(
        where=program,
        found=found,
        expected=f"{page.name} as PDF",
        hint=f"open {page} and print it from there, or `fullcycle report --no-pdf`",
    )
