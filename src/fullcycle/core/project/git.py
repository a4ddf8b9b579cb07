"""Asking git, with errors that a person can mend."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from fullcycle.core.errors import UserError

GIT_TIMEOUT_S = 60


def git(root: Path, *arguments: str, check: bool = True) -> str:
    """What git answered, stripped; without `check`, a failure is an empty answer."""
    answer = _call(["git", *arguments], root)
    if check and answer.returncode != 0:
        raise UserError(
            where=f"git {arguments[0]} in {root}",
            found=answer.stderr.decode(errors="replace").strip() or f"exit code {answer.returncode}",
            hint="mend what git says, then run the same command again",
        )
    return answer.stdout.decode(errors="replace").strip() if answer.returncode == 0 else ""


def blobs(root: Path, names: Sequence[str]) -> Iterable[bytes | None]:
    """The contents of `COMMIT:./PATH`s as git keeps them, in order; None for what is not there.

    One process for all of them: a history has many.
    """
    if not names:
        return
    prefix = git(root, "rev-parse", "--show-prefix")
    wanted = "".join(f"{name.replace(':./', f':{prefix}', 1)}\n" for name in names)
    answer = _call(["git", "cat-file", "--batch"], root, given=wanted.encode())
    rest = answer.stdout
    for _ in names:
        header, _, rest = rest.partition(b"\n")
        if header.endswith(b" missing") or not header:
            yield None
            continue
        size = int(header.rsplit(b" ", 1)[1])
        yield rest[:size]
        rest = rest[size + 1 :]


def _call(command: Sequence[str], root: Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, cwd=root, input=given, capture_output=True, check=False, timeout=GIT_TIMEOUT_S
        )
    except FileNotFoundError as error:
        raise UserError(
            where="git", found="no such program", hint="install git, then run the same command again"
        ) from error
