"""Reading and switching `deploy/routes.json`, with a line in `deploy/audit.jsonl` before each switch.

A switch is one rename, so a reader sees the old routes or the new ones. Changes take turns through a lock.
Neither MLflow nor a training library is imported: going back must work when everything else is broken.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line, read_lines
from fullcycle.core.project.files import write_bytes_atomically
from fullcycle.core.routes.model import ROUTES_VERSION, Routes

GIT_TIMEOUT_S = 2
MANIFEST = "MANIFEST.json"
BY_CANARY = "canary"
Change = Callable[[Routes | None], Routes]


@dataclass(frozen=True)
class Deploy:
    """The folder `deploy/`: routes, audit, and a bundle below each version."""

    folder: Path

    @property
    def routes_file(self) -> Path:
        return self.folder / "routes.json"

    @property
    def audit_file(self) -> Path:
        return self.folder / "audit.jsonl"

    @property
    def live(self) -> Path:
        """What running servers say of themselves."""
        return self.folder / ".live"

    @property
    def gauges(self) -> Path:
        """What monitoring found at its last look, in Prometheus's format: servers hand it on at /metrics."""
        return self.folder.parent / "monitoring" / "gauges.prom"

    def bundle(self, version: str) -> Path:
        """Where a version lies."""
        return self.folder / version

    def versions(self) -> list[str]:
        """Every bundle here, by name."""
        named = (path.parent.name for path in self.folder.glob(f"*/{MANIFEST}"))
        return sorted(name for name in named if not name.startswith("."))  # those are half copied


@dataclass(frozen=True)
class Author:
    """Who changes the routes, by which command, and why."""

    who: str
    action: str
    why: str = ""


def read_routes(deploy: Deploy) -> Routes | None:
    """The routes, None where nothing was released; UserError for a file that can't be read."""
    path = deploy.routes_file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse_routes(path, content)


def parse_routes(path: Path, content: bytes) -> Routes:
    """The bytes of routes.json as routes."""
    try:
        plain = orjson.loads(content)
        version = plain.get("version") if isinstance(plain, dict) else None
        if isinstance(version, int) and version > ROUTES_VERSION:
            raise UserError(
                where=f"{path}, key version",
                found=f"format version {version}",
                expected=f"{ROUTES_VERSION} or older",
                hint="install a newer fullcycle (pip install --upgrade fullcycle)",
            )
        return Routes.model_validate_json(content)
    except (orjson.JSONDecodeError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise UserError(
            where=str(path),
            found=f"no routes ({first})",
            hint="release a bundle again with `fullcycle release`; deploy/audit.jsonl says what was there",
        ) from error


def change_routes(deploy: Deploy, change: Change, author: Author, *, facts: Any = None) -> Routes:
    """Apply `change` to what is there now, and switch. `facts` go into the audit line beside who and why.

    A change that gives the very routes it was given is none: nothing is written.
    """
    with _turn(deploy):
        before = read_routes(deploy)
        after = change(before)
        if before is not None and after == before:
            return before
        after = after.model_copy(update={"number": before.number + 1 if before else 1, "changed": now()})
        line = {"at": after.changed, "number": after.number, "who": author.who, "action": author.action}
        line |= {"why": author.why, "from": _told(before), "to": _told(after)}
        append_line(deploy.audit_file, line if facts is None else {**line, "facts": facts})
        content = after.model_dump(mode="json")
        write_bytes_atomically(
            deploy.routes_file, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
        _sync(deploy.folder)
        return after


def first_routes(champion: str) -> Routes:
    """The routes of the first release."""
    return Routes(number=1, changed=now(), salt=secrets.token_hex(16), champion=champion)


def audit_lines(deploy: Deploy) -> list[dict[str, Any]]:
    """Every change, the oldest first; a torn line is left out."""
    return [line for line in read_lines(deploy.audit_file) if line is not None]


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def person(root: Path) -> str:
    """Who sits here: as git knows them, else the name at the system."""
    try:
        answer = subprocess.run(
            ["git", "var", "GIT_AUTHOR_IDENT"],  # name <address> and the moment
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return system_user()
    return answer.stdout.rpartition(">")[0] + ">"


def system_user() -> str:
    """The name at the system; a container may run under a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _told(routes: Routes | None) -> dict[str, Any] | None:
    if routes is None:
        return None
    challenger = routes.challenger
    told: dict[str, Any] = {"champion": routes.champion}
    if challenger is not None:
        told |= {"challenger": challenger.bundle, "share": challenger.share}
    return told if routes.shadow is None else {**told, "shadow": routes.shadow}


@contextmanager
def _turn(deploy: Deploy) -> Iterator[None]:
    """Wait for whoever changes the routes now; the system lets go of the lock of a process that dies."""
    deploy.folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(deploy.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """The rename itself survives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def answering(deploy: Deploy, otherwise: Path) -> Path:
    """The bundle that answers: what is released, or else what was verified last."""
    routes = read_routes(deploy)
    return otherwise if routes is None else deploy.bundle(routes.champion)
