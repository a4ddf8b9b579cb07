"""One pass over a file's bytes: its hash, its compression, its encoding, and a sample of its start.

UTF-8 is proven over the whole file, because a single bad byte in the last line would stop a reader there.
"""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fullcycle.core.errors import UserError

CHUNK = 1 << 20
SAMPLE_BYTES = 4 << 20
FOREIGN_BYTES = 256 << 10  # of lines that are not ASCII: enough to tell one code page from another
READABLE = "a CSV (also .gz) or Parquet file"
HEADER_AND_ROWS = "a header line and rows"
MAGIC_GZIP = b"\x1f\x8b"
MAGIC_PARQUET = b"PAR1"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x28\xb5\x2f\xfd": "a file compressed by zstd",
    b"BZh": "a file compressed by bzip2",
    b"\xfd7zXZ": "a file compressed by xz",
    b"SQLite format 3": "an SQLite database",
    b"ARROW1": "an Arrow or Feather file",
    b"%PDF": "a PDF",
}


@dataclass
class Scan:
    """What one pass over the bytes told. `sample` is the decompressed start, `foreign` lines beyond ASCII."""

    sha256: str
    size: int  # bytes on disk
    compression: Literal["gzip"] | None
    sample: bytes
    whole: bool  # the sample is all there is
    utf8: bool
    foreign: bytes = field(default=b"", repr=False)

    @property
    def mark(self) -> str | None:
        """The encoding that a byte order mark declares."""
        return next((name for mark, name in BYTE_ORDER_MARKS if self.sample.startswith(mark)), None)


def is_parquet(path: Path, where: str) -> bool:
    """By the first bytes, not by the name. UserError where there is no file to open."""
    try:
        with path.open("rb") as handle:
            return handle.read(len(MAGIC_PARQUET)) == MAGIC_PARQUET
    except FileNotFoundError as error:
        raise UserError(
            where=where, found="no such file", expected=READABLE, hint=_looked_at(path)
        ) from error
    except IsADirectoryError as error:
        raise UserError(
            where=where, found="a folder", expected=READABLE, hint="name the file in it"
        ) from error
    except OSError as error:
        raise UserError(
            where=where, found=f"a file that can't be read ({error.strerror})", hint="mend its permissions"
        ) from error


def _looked_at(path: Path) -> str:
    return f"looked at {path.absolute()}; correct `data.source` in fullcycle.yaml, or `--data`"


def hash_file(path: Path) -> tuple[str, int]:
    """SHA-256 of the bytes as they lie on disk, and how many there are."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest(), path.stat().st_size


def scan_text(path: Path, where: str) -> Scan:
    """Read all bytes once. UserError for an empty file, a broken gzip and formats that are no text."""
    digest, size = hashlib.sha256(), 0
    packed = False
    collector = _Collector()
    with path.open("rb") as handle:
        start = handle.read(16)
        handle.seek(0)
        _refuse_other_formats(start, where)
        packed = start.startswith(MAGIC_GZIP)
        unpack = _Unpacker(where) if packed else None
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            for text in unpack.feed(chunk) if unpack else (chunk,):
                collector.feed(text)
        if unpack:
            unpack.close()
    if not collector.sample.removeprefix(codecs.BOM_UTF8).strip():
        raise UserError(where=where, found="an empty file", expected=HEADER_AND_ROWS, hint="write it again")
    return Scan(
        sha256=digest.hexdigest(),
        size=size,
        compression="gzip" if packed else None,
        sample=bytes(collector.sample),
        whole=collector.seen <= SAMPLE_BYTES,
        utf8=collector.ends_well(),
        foreign=bytes(collector.foreign),
    )


def _refuse_other_formats(start: bytes, where: str) -> None:
    for magic, name in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise UserError(where=where, found=name, expected=READABLE, hint="save the table as one of these")


class _Unpacker:
    """gzip as it streams, several members and all; a broken end is an error that names the file."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.member: zlib._Decompress | None = None  # none between members

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            self.member = self.member or zlib.decompressobj(wbits=31)
            try:
                yield self.member.decompress(chunk)
            except zlib.error as error:
                raise self._broken(str(error)) from error
            chunk = b""
            if self.member.eof:
                chunk = self.member.unused_data.lstrip(b"\0")  # tapes and some tools pad with zeros
                self.member = None

    def close(self) -> None:
        if self.member is not None:
            raise self._broken("it ends too early")

    def _broken(self, why: str) -> UserError:
        return UserError(
            where=self.where,
            found=f"a damaged gzip file ({why})",
            expected="a whole one",
            hint="copy or download it again; `gzip -t FILE` checks it",
        )


class _Collector:
    """What is kept of the text while it passes by."""

    def __init__(self) -> None:
        self.sample, self.foreign, self.seen = bytearray(), bytearray(), 0
        self.decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def feed(self, chunk: bytes) -> None:
        self.seen += len(chunk)
        if len(self.sample) < SAMPLE_BYTES:
            self.sample += chunk[: SAMPLE_BYTES - len(self.sample)]
        if chunk.isascii() and not self._inside_character():
            return
        self._keep_foreign(chunk)
        self._prove(chunk)

    def ends_well(self) -> bool:
        """True if every byte so far was UTF-8 and no character is cut off."""
        return self.decoder is not None and not self._inside_character()

    def _inside_character(self) -> bool:
        return self.decoder is not None and bool(self.decoder.getstate()[0])

    def _prove(self, chunk: bytes) -> None:
        if self.decoder is not None:
            try:
                self.decoder.decode(chunk)
            except UnicodeDecodeError:
                self.decoder = None

    def _keep_foreign(self, chunk: bytes) -> None:
        for line in chunk.splitlines(keepends=True) if len(self.foreign) < FOREIGN_BYTES else ():
            if not line.isascii():
                self.foreign += line[: FOREIGN_BYTES - len(self.foreign)]
