"""What an interrupted search had finished: each trial's out-of-fold answers, one file a trial.

A file is written aside, synced and renamed when its trial ends: after `kill -9` each is whole or absent. The
next run of the same search (the key of `recorded`) asks the same questions in the same order and takes the
answers from here instead of fitting again. A search that ends removes its journal.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fullcycle.core.evidence.base import Scalar
from fullcycle.core.models.evaluate import Evaluator, OutOfFold
from fullcycle.core.project.files import write_bytes_atomically

Question = tuple[str, Mapping[str, Scalar]]


class Journal:
    """Finished trials of one search, in `folder`; those of another key are removed."""

    def __init__(self, folder: Path, key: str) -> None:
        self.root, self.folder = folder, folder / key[:32]
        for other in folder.glob("*"):
            if other != self.folder:
                shutil.rmtree(other, ignore_errors=True)

    def known(self, question: Question) -> OutOfFold | None:
        """The answers of a trial, if it was finished. A file that can't be read is no answer."""
        try:
            with np.load(self._path(question), allow_pickle=False) as kept:
                return OutOfFold(kept["answer"], kept["codes"], kept["folds"], float(kept["seconds"]))
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            return None

    def add(self, question: Question, found: OutOfFold) -> None:
        """Keep a finished trial."""
        content = io.BytesIO()
        arrays: dict[str, Any] = {"answer": found.answer, "codes": found.codes, "folds": found.folds}
        np.savez(content, seconds=found.seconds, **arrays)
        write_bytes_atomically(self._path(question), content.getvalue())

    def forget(self) -> None:
        """The search has ended and is recorded."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _path(self, question: Question) -> Path:
        model, parameters = question
        spelled = json.dumps([model, dict(parameters)], sort_keys=True)
        return self.folder / f"{hashlib.sha256(spelled.encode()).hexdigest()[:32]}.npz"


def remembered(evaluator: Evaluator, journal: Journal, questions: Sequence[Question]) -> list[OutOfFold]:
    """Answers of trials, fitted only where the journal has none, each kept once its last fold is there."""
    known = {place: found for place, each in enumerate(questions) if (found := journal.known(each))}
    asked = [place for place in range(len(questions)) if place not in known]
    answers = evaluator.stream([questions[place] for place in asked])
    for place, found in zip(asked, answers, strict=True):
        journal.add(questions[place], found)
        known[place] = found
    return [known[place] for place in range(len(questions))]
