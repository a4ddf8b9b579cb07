"""The UCI repository by its own client, ucimlrepo: `uci:ID`.

The client knows the table of a dataset; the table itself is fetched again as a file, because the client's
types are those of pandas, which makes 1 of "001".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.sources.extras import import_extra, require_extra
from fullcycle.core.sources.kinds import Asked, Fetched
from fullcycle.core.sources.remote import fetch_address

CLIENT = ("ucimlrepo", "uci", "UCI sources")
FORM = "uci:ID with the number of a dataset, such as uci:53"
SITE = "https://archive.ics.uci.edu/datasets"


class UCI:
    """All columns of one dataset: features, targets and identifiers."""

    def check(self, asked: Asked) -> None:
        """UserError for what is no number."""
        _number(asked)
        require_extra(*CLIENT)

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """None: it lies elsewhere."""
        return ()

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Ask the client which file it is, then fetch that."""
        number = _number(asked)
        client = import_extra(*CLIENT)
        try:
            found: Any = client.fetch_ucirepo(id=number)
            address = str(found.metadata["data_url"])
        except Exception as error:
            raise _failed(asked, error) from error
        return fetch_address(address, asked, scratch)


def _number(asked: Asked) -> int:
    text = asked.rest.removeprefix("//").strip()
    if not (text.isascii() and text.isdigit()):
        raise UserError(where=asked.shown, found=repr(text), expected=FORM, hint=f"look it up at {SITE}")
    return int(text)


def _failed(asked: Asked, error: Exception) -> UserError:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    if type(error).__name__ == "DatasetNotFoundError":
        return UserError(
            where=asked.shown,
            found=f"no table of that number ({told})",
            expected=FORM,
            hint=f"{SITE} lists those that can be imported; others: download the file and name it",
        )
    return UserError(
        where=asked.shown,
        found=f"no way to the UCI repository ({told})",
        expected="a dataset there",
        hint="look at the network; offline, download the file once and name it as data.source",
    )
