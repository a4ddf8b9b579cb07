"""Compressed text as it streams: each packing is an iterator over chunks, and a file to read from."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from fullcycle.core.errors import UserError

CHUNK = 1 << 20
Compression = Literal["gzip", "zstd"]


class HashedReader:
    """A file whose bytes are hashed and counted as they are read."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.handle, self.digest, self.size, self.closed = handle, hashlib.sha256(), 0, False

    def read(self, size: int | None = None) -> bytes:
        """The next bytes; b"" at the end."""
        chunk = self.handle.read(CHUNK if size is None else size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk

    def close(self) -> None:
        """For Arrow, which closes what it read; the file is closed by who opened it."""

    def readable(self) -> bool:
        """For Arrow, which asks."""
        return True


@dataclass(frozen=True)
class Packing:
    """One way to compress: how it begins, how it is unpacked, what checks a file of it."""

    magic: bytes
    name: Compression
    chunks: Callable[[HashedReader], Iterator[bytes]]
    open: Callable[[Path], IO[bytes]]
    check: str


def packing_of(start: bytes) -> Packing | None:
    """By the first bytes of a file, not by its name."""
    return next((packing for packing in PACKINGS.values() if start.startswith(packing.magic)), None)


def unpacked(reader: HashedReader, packing: Packing | None, where: str) -> Iterator[bytes]:
    """The text of a file in chunks; UserError for a broken packing. At its end all bytes are hashed."""
    try:
        yield from packing.chunks(reader) if packing else _plain(reader)
    except (OSError, zlib.error, EOFError) as error:
        if packing is None:
            raise
        raise UserError(
            where=where,
            found=f"a damaged {packing.name} file ({error})",
            expected="a whole one",
            hint=f"copy or download it again; `{packing.check} FILE` checks it",
        ) from error
    for _ in _plain(reader):  # what stands behind the last member belongs to the hash
        pass


def open_unpacked(path: Path, compression: Compression | None) -> IO[bytes]:
    """A file to read text from."""
    return PACKINGS[compression].open(path) if compression else path.open("rb")


def _plain(reader: HashedReader) -> Iterator[bytes]:
    while chunk := reader.read(CHUNK):
        yield chunk


def _gunzipped(reader: HashedReader) -> Iterator[bytes]:
    """Several members and all; tapes and some tools pad with zeros."""
    member: zlib._Decompress | None = None  # none between members
    for packed in _plain(reader):
        chunk = packed
        while chunk:
            if member is None:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                member = zlib.decompressobj(wbits=31)
            yield member.decompress(chunk)
            chunk = b""
            if member.eof:
                chunk, member = member.unused_data, None
    if member is not None:
        raise EOFError("it ends too early")


def _from_zstd(reader: HashedReader) -> Iterator[bytes]:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(reader, mode="r"), "zstd") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _open_gzip(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(path))


def _open_zstd(path: Path) -> IO[bytes]:
    import pyarrow as pa

    stream: Any = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    return cast("IO[bytes]", stream)


PACKINGS: dict[Compression, Packing] = {
    "gzip": Packing(b"\x1f\x8b", "gzip", _gunzipped, _open_gzip, "gzip -t"),
    "zstd": Packing(b"\x28\xb5\x2f\xfd", "zstd", _from_zstd, _open_zstd, "zstd -t"),
}
