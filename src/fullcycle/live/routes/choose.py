"""Who is with the challenger: decided by a salted hash of a key, so that a key always meets the same model.

A share that grows only adds keys: who was with the challenger stays there. Another challenger meets others.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import blake2b

Chooser = Callable[[str | None], bool]
BITS = 64


def chooser(salt: str, version: str, share: float) -> Chooser:
    """Whether a key goes to the challenger; without one, chance decides."""
    secret = blake2b(f"{salt} {version}".encode()).digest()
    limit: int = round(share * 2**BITS)

    def chosen(key: str | None) -> bool:
        if key is None:
            return secrets.randbits(BITS) < limit
        digest = blake2b(key.encode("utf-8", "surrogatepass"), key=secret, digest_size=BITS // 8).digest()
        return int.from_bytes(digest) < limit

    return chosen


def key_of(value: object) -> str | None:
    """A cell as a key: 7, 7.0 and "7" are the same customer, and none at all has no key."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strip() if isinstance(value, str) else str(value)
