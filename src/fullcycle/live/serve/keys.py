"""Who may ask what: keys with roles, of which a server holds hashes alone.

A key has 256 random bits, so a plain SHA-256 says nothing about it: slow hashes are for what people think up.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from fullcycle.core.errors import UserError
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.problems import FORBIDDEN, UNAUTHORIZED, Problem

LOG = logging.getLogger("fullcycle.keys")
Role = Literal["predict", "feedback", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
VARIABLE = "FULLCYCLE_KEYS"
PREFIX = "fck_"  # so that scanners for secrets find a key that was committed
NAME = re.compile(r"[A-Za-z0-9._-]{1,60}")
LINE = "NAME ROLE[,ROLE] sha256:HEX, as `fullcycle keys new` writes it"
OPEN = frozenset({"/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/", "/docs"})
LOOK_EVERY_S = 0.5  # a key that is made or removed holds within a second
ASKED_FOR = {"www-authenticate": 'Bearer realm="fullcycle"'}


@dataclass(frozen=True)
class Key:
    """`digest` is the SHA-256 of the key, in hexadecimal."""

    name: str
    roles: tuple[Role, ...]
    digest: str

    def as_line(self) -> str:
        """How it stands in a file or in the environment."""
        return f"{self.name} {','.join(self.roles)} sha256:{self.digest}"


def new_key(name: str, roles: Sequence[Role]) -> tuple[str, Key]:
    """A key to hand out once, and what a server holds of it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, Key(name, tuple(dict.fromkeys(roles)), _digest(secret.encode()))


def parse_keys(text: str, where: str) -> tuple[Key, ...]:
    """Keys of a text with one a line (or between semicolons); `#` begins a remark."""
    lines = [line.partition("#")[0].strip() for line in re.split(r"[\n;]", text)]
    keys = [_parse(line, f"{where}, line {at}") for at, line in enumerate(lines, 1) if line]
    names = [key.name for key in keys]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(where=where, found=f"the name {twice} twice", expected="each name once")
    return tuple(keys)


def _parse(line: str, where: str) -> Key:
    words = line.split()
    roles = tuple(role for role in ROLES if len(words) == 3 and role in words[1].split(","))
    fine = len(words) == 3 and NAME.fullmatch(words[0]) and len(roles) == len(words[1].split(","))
    if not fine or not re.fullmatch(r"sha256:[0-9a-f]{64}", words[2]):
        # The line itself may be a key that somebody wrote in clear: it isn't repeated.
        raise UserError(where=where, found="a line that is no key", expected=LINE)
    return Key(words[0], roles, words[2].removeprefix("sha256:"))


def load_keys(file: str | None) -> tuple[Key, ...]:
    """Those of the file and of the environment; none means that nobody is asked."""
    text = os.environ.get(VARIABLE, "")
    if file is not None:
        try:
            text = f"{Path(file).read_text(encoding='utf-8')}\n{text}"
        except FileNotFoundError:  # as long as no key was made
            pass
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                where=f"serve.keys_file, {file}", found=str(error), expected=f"a text of lines {LINE}"
            ) from error
    return parse_keys(text, VARIABLE if file is None else f"{file} and {VARIABLE}")


class Keyring:
    """The keys that hold now: whoever asks for them looks at the file twice a second.

    A door that was closed once stays closed: with its last key gone, a file asks everybody for a key. A file
    that can't be read leaves the keys before. Raises UserError where it can't be read at the start.
    """

    def __init__(self, file: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._mark = self._look_at_file()
        self._keys = _with_digests(load_keys(file))
        self.asks = bool(self._keys)
        self._next = clock() + LOOK_EVERY_S

    def now(self) -> Sequence[tuple[bytes, Key]]:
        """Each key behind its digest."""
        if self._file is not None and self._clock() >= self._next:
            self._look()
        return self._keys

    def _look(self) -> None:
        self._next = self._clock() + LOOK_EVERY_S
        mark = self._look_at_file()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._keys = _with_digests(load_keys(self._file))
        except UserError as error:
            LOG.error("the keys stay as they were: %s", str(error).partition("\n")[0])
            return
        self.asks = self.asks or bool(self._keys)
        LOG.info("%d keys", len(self._keys))

    def _look_at_file(self) -> tuple[int, int, int] | None:
        try:
            found = Path(self._file or "").stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _with_digests(keys: Sequence[Key]) -> list[tuple[bytes, Key]]:
    return [(key.digest.encode(), key) for key in keys]


class KeyCheck:
    """Whether a request carries a key of the role that its address needs; its name becomes the caller's."""

    def __init__(self, ring: Keyring) -> None:
        self._ring = ring

    def __call__(self, asked: Asked) -> None:
        """Raises Problem: 401 without a known key, 403 where its role is another."""
        known = self._ring.now()
        if not self._ring.asks or asked.path in OPEN:
            return
        key = _key_of(asked, known)
        needed = role_needed(asked.method, asked.path)
        if needed is not None and needed not in key.roles and "admin" not in key.roles:
            raise Problem(
                FORBIDDEN,
                f"found a key with the role {' and '.join(key.roles)}, expected {needed}",
                f"make one with `fullcycle keys new NAME --role {needed}`",
            )
        asked.caller = f"key:{key.name}"


def role_needed(method: str, path: str) -> Role | None:
    """None: any key will do, because the address only tells about the model."""
    if path == "/feedback":
        return "feedback"
    return None if method in ("GET", "HEAD") else "predict"


def _key_of(asked: Asked, keys: Sequence[tuple[bytes, Key]]) -> Key:
    sent = _sent(asked)
    if not sent:
        raise Problem(
            UNAUTHORIZED,
            "found no key, expected one",
            "send authorization: Bearer KEY",
            headers=ASKED_FOR,
        )
    digest, found = _digest(sent).encode(), None
    for known, key in keys:  # all of them, each in constant time: how long it takes tells nothing
        if hmac.compare_digest(known, digest):
            found = key
    if found is None:
        raise Problem(UNAUTHORIZED, "found a key that is not known, expected one that is", headers=ASKED_FOR)
    return found


def _sent(asked: Asked) -> bytes:
    scheme, _, credentials = asked.headers.get(b"authorization", b"").partition(b" ")
    return (
        credentials.strip() if scheme.lower() == b"bearer" else asked.headers.get(b"x-api-key", b"").strip()
    )


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
