"""Personal values in the log: a salted hash stands for them, or nothing does.

The same value has the same hash within a project, so that rows of one person can be counted; without the
salt nobody can try values until one fits. It lies hidden beside the log, for its owner alone: who gets a copy
of the log gets the Parquet files, and not the salt.
"""

from __future__ import annotations

import os
import secrets
from hashlib import blake2b
from pathlib import Path

from fullcycle.core.errors import UserError

ENVIRONMENT = "FULLCYCLE_LOG_SALT"  # for several machines, and for images whose files can't be written
SALT = ".salt"
DIGEST_BYTES = 16
SALT_BYTES = 32
ONLY_OWNER = 0o600


def hashed(value: object, salt: bytes) -> str | None:
    """What stands for a value; a missing one stays missing."""
    if value is None:
        return None
    return blake2b(str(value).encode("utf-8"), key=salt, digest_size=DIGEST_BYTES).hexdigest()


def project_salt(folder: Path) -> bytes:
    """The project's salt, made when it is first needed. Processes that begin together get the same one."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return blake2b(given.encode("utf-8"), digest_size=SALT_BYTES).digest()
    path = folder / SALT
    try:
        if not path.exists():
            _make(path)
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise UserError(
            where=str(path),
            found=f"a salt that can't be made or read ({getattr(error, 'strerror', None) or error})",
            expected=f"{SALT_BYTES} bytes in hexadecimal, which personal values in the log are hashed with",
            hint=f"set {ENVIRONMENT}, or log.personal: omit in fullcycle.yaml",
        ) from error


def _make(path: Path) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER)
    try:
        os.write(handle, f"{secrets.token_hex(SALT_BYTES)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(aside, path)  # unlike a rename, this fails where another process was first
    except FileExistsError:
        return
    finally:
        aside.unlink()
