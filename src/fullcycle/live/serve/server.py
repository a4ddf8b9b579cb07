"""Starting and ending the server: which address, how many processes, and what a person is told."""

from __future__ import annotations

import asyncio
import errno
import functools
import gc
import ipaddress
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import uvicorn

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve.app import app_of
from fullcycle.live.serve.connections import Taking
from fullcycle.live.serve.describe import Description, describe
from fullcycle.live.serve.door import Door
from fullcycle.live.serve.hosts import LOOPBACK
from fullcycle.live.serve.keys import load_keys
from fullcycle.live.serve.logs import log_to_stderr
from fullcycle.live.serve.metrics import counted_together
from fullcycle.live.serve.rate import shared_buckets
from fullcycle.live.serve.wire import bounded
from fullcycle.live.serve.workers import supervise
from fullcycle.live.service import Service, open_service

BACKLOG = 2048  # connections that wait while workers start or are busy
DRAIN_S = 10  # requests that are under way at SIGTERM get this long
Announce = Callable[[str], None]


def serve(
    source: Source,
    settings: ServeSettings,
    host: str,
    port: int,
    workers: int,
    *,
    announce: Announce | None = None,
) -> None:
    """Answer until SIGTERM or Ctrl-C, then finish what is under way and return.

    Port 0 takes a free one; what is `announce`d (to stderr by default) says which. Raises UserError for an
    address that can't be had or may not be open, and whatever `open_service` raises: nothing is answered by a
    bundle that was not proven.
    """
    refuse_open_door(host, settings)
    settings = settings.model_copy(update={"hosts": hosts_of(host, settings)})
    service = open_service(source, settings)
    listener = listen(host, port)
    tell = functools.partial(
        announce or _to_stderr, greeting(describe(service.bundle), url_of(host, listener), workers)
    )
    with listener:
        if workers == 1:
            _serve_here(service, settings, listener, tell)
        else:
            with counted_together(), shared_buckets() as buckets:
                answer = functools.partial(_serve_worker, source, settings, buckets)
                supervise(answer, listener, workers, tell)


def refuse_open_door(host: str, settings: ServeSettings) -> None:
    """Where nobody is asked for a key, other machines may reach the server only if a person said so."""
    if settings.without_key or is_loopback(host) or load_keys(settings.keys_file):
        return
    raise UserError(
        where=f"fullcycle serve --host {host}",
        found="an address that other machines reach, while nobody is asked for a key",
        expected="127.0.0.1, localhost or ::1",
        hint="`fullcycle keys new NAME --role predict` makes a key; or add --without-key "
        "(serve.without_key: true in fullcycle.yaml), if whoever reaches it may ask",
    )


def hosts_of(host: str, settings: ServeSettings) -> list[str] | None:
    """Under which names it may be asked: where neither a network nor a key keeps strangers away, its own."""
    asks = not settings.without_key and load_keys(settings.keys_file)
    if settings.hosts is not None or not is_loopback(host) or asks:
        return settings.hosts
    return [*LOOPBACK, host]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or a UserError that says who has the port or what is wrong with the host."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def _cannot_listen(host: str, port: int, error: OSError) -> UserError:
    where = f"fullcycle serve, {host} port {port}"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return UserError(
            where=where,
            found="a port that another program has",
            expected="a free one",
            hint=f"`fullcycle serve --port {other}`, or see who has it with `lsof -i :{port}`",
        )
    if error.errno == errno.EACCES:
        return UserError(
            where=where,
            found="a port kept for root",
            expected="1024 or higher",
            hint="`fullcycle serve --port 8000`",
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return UserError(
            where=where,
            found="a host that is not an address of this machine",
            expected="127.0.0.1 for this machine, 0.0.0.0 for every network",
            hint="`fullcycle serve --host 127.0.0.1`",
        )
    return UserError(where=where, found=error.strerror or str(error))


def url_of(host: str, listener: socket.socket) -> str:
    """Where a client on this machine reaches the server."""
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def greeting(description: Description, url: str, workers: int) -> str:
    """What answers where, and a command that can be pasted."""
    runtime = " ".join(f"{name} {version}" for name, version in description.runtime.items())
    body = shlex.quote(orjson.dumps(description.example).decode())
    by = "1 worker" if workers == 1 else f"{workers} workers"
    return (
        f"bundle {description.version} predicts {description.target} at {url} ({by})\n"
        f"{description.golden_rows} golden rows proven on {runtime}\n"
        f"look: {url}/docs\n"
        f"try:  curl -s {url}/predict -H 'content-type: application/json' -d {body}\n"
        "stop: Ctrl-C"
    )


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _serve_here(
    service: Service, settings: ServeSettings, listener: socket.socket, tell: Callable[[], None]
) -> None:
    # uvicorn ends gracefully and then raises the signal again; a server that was asked to stop ended well.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        _run(service, settings, listener, tell)
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _serve_worker(
    source: Source,
    settings: ServeSettings,
    buckets: Path,
    listener: socket.socket,
    ready: Callable[[], None],
) -> None:
    _run(open_service(source, settings), settings, listener, ready, buckets)


def _run(
    service: Service,
    settings: ServeSettings,
    listener: socket.socket,
    ready: Callable[[], None],
    buckets: Path | None = None,
) -> None:
    """Until a signal; the routes are followed meanwhile."""
    server = _Server(_config(app_of(service, settings, buckets), settings), ready)
    service.start()
    # No collection looks at what lives as long as the server: that was a tenth of a request with its log.
    gc.collect()
    gc.freeze()
    try:
        server.run(sockets=[listener])
    finally:
        gc.unfreeze()
        service.close()


def _config(app: Door, settings: ServeSettings) -> uvicorn.Config:
    log_to_stderr(settings.log_format)
    return uvicorn.Config(
        app,
        http=bounded(app.overloaded, settings.waiting_at_most),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        backlog=BACKLOG,
    )


class _Server(uvicorn.Server):
    """Takes connections its own way, and says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        made: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        protocol = functools.partial(made, self.config, self.server_state, self.lifespan.state)
        loop = asyncio.get_running_loop()
        self.servers = [Taking(loop, each, protocol) for each in sockets or ()]  # type: ignore[misc]
        if self.started:
            self._ready()
