"""A kind of source as another package would bring it."""

from __future__ import annotations

from pathlib import Path

from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile


class Mine:
    """`mine:N` is a table of N rows."""

    def check(self, asked: Asked) -> None: ...

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        return ()

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        path = scratch / "mine.csv"
        path.write_text("n\n" + "".join(f"{i}\n" for i in range(int(asked.rest))))
        return Fetched((LocalFile(path, path.name),))
