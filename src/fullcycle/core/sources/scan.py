"""One pass over a file's bytes: its hash, its compression, its encoding, and a sample of its start.

UTF-8 is proven over the whole file, because a single bad byte in the last line would stop a reader there.
"""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.sources.packing import Compression, HashedReader, packing_of, unpacked

SAMPLE_BYTES = 4 << 20
FOREIGN_BYTES = 256 << 10  # of lines that are not ASCII: enough to tell one code page from another
READABLE = "a CSV, TSV or JSON lines file (also .gz, .zst), Parquet or Excel"
HEADER_AND_ROWS = "a header line and rows"
START_BYTES = 16
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FORMATS = {
    b"PK\x03\x04": "a zip file",
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
    compression: Compression | None
    sample: bytes
    whole: bool  # the sample is all there is
    utf8: bool
    foreign: bytes = field(default=b"", repr=False)

    @property
    def mark(self) -> str | None:
        """The encoding that a byte order mark declares."""
        return next((name for mark, name in BYTE_ORDER_MARKS if self.sample.startswith(mark)), None)


def first_bytes(path: Path, where: str) -> bytes:
    """What a file begins with. UserError where it can't be read."""
    try:
        with path.open("rb") as handle:
            return handle.read(START_BYTES)
    except OSError as error:
        raise UserError(
            where=where, found=f"a file that can't be read ({error.strerror})", hint="mend its permissions"
        ) from error


def hash_file(path: Path) -> tuple[str, int]:
    """SHA-256 of the bytes as they lie on disk, and how many there are."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest(), path.stat().st_size


def scan_text(path: Path, where: str) -> Scan:
    """Read all bytes once. UserError for an empty file, a broken gzip and formats that are no text."""
    collector = _Collector()
    with path.open("rb") as handle:
        start = handle.read(START_BYTES)
        handle.seek(0)
        _refuse_other_formats(start, where)
        packing, reader = packing_of(start), HashedReader(handle)
        for text in unpacked(reader, packing, where):
            collector.feed(text)
    if not collector.sample.removeprefix(codecs.BOM_UTF8).strip():
        raise UserError(where=where, found="an empty file", expected=HEADER_AND_ROWS, hint="write it again")
    return Scan(
        sha256=reader.digest.hexdigest(),
        size=reader.size,
        compression=packing.name if packing else None,
        sample=bytes(collector.sample),
        whole=collector.seen <= SAMPLE_BYTES,
        utf8=collector.ends_well(),
        foreign=bytes(collector.foreign),
    )


def _refuse_other_formats(start: bytes, where: str) -> None:
    for magic, name in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise UserError(where=where, found=name, expected=READABLE, hint="save the table as one of these")


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
