"""http(s) and object stores through fsspec: fetched to a scratch file first, then read as a local one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fullcycle.core.errors import MissingExtra, UserError
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile, scheme_of

EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
}
WEB = ("http", "https")
CONNECT_SECONDS, READ_SECONDS = 20, 120  # a server that is silent for longer is an error
MAGIC = frozenset("*?[")


class Remote:
    """One object, or several of a store by a glob. Keys come from the environment, as each store's client
    finds them (AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_CONNECTION_STRING, ...)."""

    def check(self, asked: Asked) -> None:
        """Nothing can be known without the network but whether the client is there."""
        _filesystem_class(asked)

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """None: it lies elsewhere."""
        return ()

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Download each object under its own name, in the order of the names."""
        _filesystem_class(asked)
        return fetch_address(asked.uri, asked, scratch)


def fetch_address(address: str, asked: Asked, scratch: Path) -> Fetched:
    """Download from an address; errors show what a person wrote, which may be another one."""
    import fsspec

    scheme = scheme_of(address)
    try:
        store, path = fsspec.core.url_to_fs(address, **_options(scheme))
        names = _names(store, path, asked, glob=scheme not in WEB)
        return Fetched(tuple(_download(store, name, scratch / f"{n:05d}") for n, name in enumerate(names)))
    except UserError:
        raise
    except Exception as error:
        raise _unreachable(asked, error) from error


def _filesystem_class(asked: Asked) -> Any:
    from fsspec import get_filesystem_class

    scheme = scheme_of(asked.uri) or ""
    try:
        return get_filesystem_class(scheme)
    except ImportError as error:
        if scheme in EXTRAS:
            install = f"pip install 'fullcycle[{EXTRAS[scheme]}]'"
        else:
            install = f"install what fsspec asks for: {error}"
        raise MissingExtra(f"sources of kind {scheme}://", install=install) from error


def _options(scheme: str | None) -> dict[str, Any]:
    """Nothing is remembered between two collects; a web server that says nothing is given up on."""
    options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme in WEB:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        options["client_kwargs"] = {"timeout": timeout, "trust_env": True}
    return options


def _names(store: Any, path: str, asked: Asked, *, glob: bool) -> Sequence[str]:
    if not (glob and MAGIC & set(path)):
        return [path]
    names = sorted(store.glob(path))
    if not names:
        raise UserError(
            where=asked.shown,
            found="no object that matches",
            expected="at least one object of this pattern",
            hint="mend the pattern, or look at what is there with the store's own tools",
        )
    return names


def _download(store: Any, name: str, folder: Path) -> LocalFile:
    folder.mkdir()
    plain = urlsplit(name).path if "://" in name else name
    local = folder / (Path(plain.rstrip("/")).name or "table")
    store.get_file(name, str(local))
    return LocalFile(local, local.name)


def _unreachable(asked: Asked, error: Exception) -> UserError:
    found, hint = _why(error)
    return UserError(
        where=asked.shown, found=asked.secrets.redact(found), expected="a table there", hint=hint
    )


def _why(error: Exception) -> tuple[str, str]:
    """What happened in words, and the next step."""
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError):
        return "nothing there", "mend the address; a listing of the store shows what is there"
    if (
        status in (401, 403)
        or isinstance(error, PermissionError)
        or "credential" in type(error).__name__.lower()
    ):
        told = f"status {status}" if status else _first(error)
        return f"no permission to read it ({told})", "give the key of the store in the environment"
    if status is not None:
        return f"an answer with status {status}", "try again later, or mend the address"
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return f"no answer within {READ_SECONDS} s", "look at the network, then run the same command again"
    return (
        f"no way to it ({type(error).__name__}: {_first(error)})",
        "look at the network or the address; offline, download the table once and name the file",
    )


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
