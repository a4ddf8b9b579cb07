"""Rows of the training file that stand in a person's own test file too: clean tells, as it has both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.leak_tables import TARGETS, table


@dataclass(frozen=True)
class Overlap:
    """`share` of the test rows are copies of training rows; `changed` columns of a copy differ a little."""

    name: str
    table: str
    share: float
    changed: tuple[str, ...] = ()
    code: str = "FC209"
    kind: str = "duplicates"


def overlaps() -> list[Overlap]:
    """A tenth, a hundredth, and all but a column."""
    return [
        Overlap("a tenth of the test rows", "telco", 0.1),
        Overlap("one test row in a hundred", "ames", 0.01),
    ]


def findings_of_overlap(plant: Overlap, clean: bool, folder: Path) -> set[tuple[str, tuple[str, ...]]]:
    """Codes of FC209 and FC212 that clean tells, for a test file with copies or without."""
    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.core.project.project import Project
    from fullcycle.cycle.clean import stage as cleaning
    from fullcycle.cycle.collect import stage as collecting

    frame = table(plant.table).drop_duplicates().reset_index(drop=True)
    random = np.random.default_rng(7)
    sealed = random.random(len(frame)) < 0.2
    train, test = frame[~sealed].reset_index(drop=True), frame[sealed].reset_index(drop=True)
    if not clean:
        copies = train.sample(max(round(plant.share * len(test)), 1), random_state=3).reset_index(drop=True)
        for name in plant.changed:
            copies[name] = copies[name] * 1.001 + 0.01
        test.iloc[: len(copies)] = copies.to_numpy()
    root = folder / ("twin" if clean else "leak")
    root.mkdir()
    train.to_csv(root / "train.csv", index=False)
    project = init_project(NewProject(root / "project", root / "train.csv", TARGETS[plant.table])).project
    test.to_csv(project.root / "test.csv", index=False)
    written = project.paths.settings.read_text(encoding="utf-8")
    project.paths.settings.write_text(
        re.sub(r"^split:\n", "split:\n  test: test.csv\n", written, flags=re.MULTILINE), encoding="utf-8"
    )
    project = Project(project.root)
    collecting.run(project)
    found = cleaning.run(project).findings
    return {(each.code, tuple(each.columns)) for each in found if each.code in ("FC209", "FC212")}
