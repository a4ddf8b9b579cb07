"""Under which names the server may be asked.

A stranger's page can give its own name the address of the reader's machine (DNS rebinding), and has then the
origin of a server on loopback, where nobody is asked for a key. The browser still says which name it asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from fullcycle.core.contract.row import shown
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.problems import WRONG_HOST, Problem

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HEALTH = "/health/"  # whoever watches a server asks it by address


class HostCheck:
    """Whether a request names one of `hosts`; one that names none comes from no browser."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = frozenset(host.lower().encode() for host in hosts)

    def __call__(self, asked: Asked) -> None:
        """Raises Problem with 421."""
        host = asked.headers.get(b"host")
        if host is None or _name(host) in self._hosts or HEALTH in asked.path:
            return
        names = ", ".join(sorted(name.decode() for name in self._hosts))
        raise Problem(WRONG_HOST, f"found host {shown(host.decode('latin-1'))}, expected {names}")


def _name(host: bytes) -> bytes:
    """Without the port; an IPv6 address keeps its brackets."""
    name, colon, port = host.rpartition(b":")
    return (name if colon and port.isdigit() else host).lower()
