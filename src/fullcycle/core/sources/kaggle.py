"""Kaggle by its own client, kagglehub: `kaggle:OWNER/DATASET/FILE`."""

from __future__ import annotations

import logging
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.sources.extras import import_extra, require_extra
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile

CLIENT = ("kagglehub", "kaggle", "Kaggle sources")
FORM = "kaggle:OWNER/DATASET/FILE, or kaggle:OWNER/DATASET/versions/2/FILE for one version"
KEY_HINT = "make a token at kaggle.com/settings and set KAGGLE_USERNAME and KAGGLE_KEY, or KAGGLE_API_TOKEN"
VERSIONS = "versions"


class Kaggle:
    """One file of a dataset."""

    def check(self, asked: Asked) -> None:
        """UserError for another form of URI, or without the client."""
        _parts(asked)
        require_extra(*CLIENT)

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """None: it lies elsewhere."""
        return ()

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Download the file; a public dataset needs no key."""
        handle, name = _parts(asked)
        client = import_extra(*CLIENT)
        logging.getLogger("kagglehub").setLevel(logging.ERROR)
        try:
            path = Path(client.dataset_download(handle, path=name, output_dir=str(scratch)))
        except Exception as error:
            raise _failed(asked, error) from error
        return Fetched((LocalFile(path, path.name),))


def _parts(asked: Asked) -> tuple[str, str]:
    """The handle as kagglehub wants it, and the file's name in the dataset."""
    parts = [part for part in asked.rest.removeprefix("//").split("/") if part]
    owner_and_dataset, rest = parts[:2], parts[2:]
    if len(rest) > 2 and rest[0] == VERSIONS and rest[1].isdigit():
        owner_and_dataset, rest = parts[:4], parts[4:]
    if len(owner_and_dataset) < 2 or not rest:
        raise UserError(
            where=asked.shown,
            found="not all of owner, dataset and file",
            expected=FORM,
            hint="such as kaggle:uciml/iris/Iris.csv",
        )
    return "/".join(owner_and_dataset), "/".join(rest)


def _failed(asked: Asked, error: Exception) -> UserError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403) or type(error).__name__ in ("UnauthenticatedError", "CredentialError"):
        found, hint = f"no permission (status {status})", KEY_HINT
    elif status == 404:
        found, hint = "no such dataset or file", f"mend the source: {FORM}"
    elif status is not None:
        found, hint = f"an answer with status {status}", "try again later"
    else:
        told = (str(error).strip().splitlines() or [""])[0]
        found = f"no way to Kaggle ({type(error).__name__}: {asked.secrets.redact(told)[:200]})"
        hint = "look at the network; offline, download the file once and name it as data.source"
    return UserError(where=asked.shown, found=found, expected="a file of a dataset on Kaggle", hint=hint)
