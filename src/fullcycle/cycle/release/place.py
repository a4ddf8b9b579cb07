"""The bundle's own copy in `deploy/`: what answers is never the folder that the next run writes to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import MANIFEST, SEALED_FILES
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import replace_folder, write_bytes_atomically
from fullcycle.core.project.lock import remove_leftovers_in
from fullcycle.core.routes.store import Deploy


def place(bundle: Bundle, deploy: Deploy) -> Path:
    """Copy it to `deploy/VERSION`, whole or not at all; one that is there and whole stays."""
    remove_leftovers_in(deploy.folder)
    target = deploy.bundle(bundle.version)
    if _is_whole(target, bundle.version):
        return target
    aside = deploy.folder / f".{bundle.version}.{os.getpid()}.part"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name in (*SEALED_FILES, MANIFEST):
            write_bytes_atomically(aside / name, (bundle.folder / name).read_bytes())
        # What was copied is checked again: the folder may have been written to since it was proven.
        if read_bundle(aside, prove=False).version != bundle.version:
            raise UserError(
                where=str(bundle.folder),
                found="a bundle that changed while it was released",
                hint="wait for the run that writes it, then release again",
            )
        replace_folder(target, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _is_whole(folder: Path, version: str) -> bool:
    try:
        return read_bundle(folder, prove=False).version == version
    except UserError:
        return False
