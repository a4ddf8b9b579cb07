"""A bundle made again, from its commit and its snapshot of the data, in a clone that is thrown away.

Nothing of the project is written but DVC's cache. The source itself is not read again: what a bundle was made
of is the snapshot (`data/raw.parquet`), whose hash its lineage names.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
from ruamel.yaml import YAML

from fullcycle.automate.frozen import differing_settings
from fullcycle.automate.graph import STAGES
from fullcycle.automate.repository import open_dvc
from fullcycle.automate.running import run_graph
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import LINEAGE, MODEL, Lineage
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.dvc_lock import inputs_of, md5_of
from fullcycle.core.project.git import git
from fullcycle.core.project.project import Project
from fullcycle.core.tracking import RELATIVE_SQLITE

if TYPE_CHECKING:
    from fullcycle.automate.history import Past

SNAPSHOT = "data/raw.parquet"
AGAIN = tuple(stage for stage in STAGES if stage != "collect")
Around = Callable[[Path], AbstractContextManager[None]]
TABLES = ("data/train.parquet", "data/test.parquet")


@dataclass(frozen=True)
class Rebuilt:
    """The bundle made anew beside the one that was there. Rows differ if any of their answers' bytes does.

    `environment` names libraries whose version is another now: then and now. `settings` tells those of the
    commit that the run did not have: where a person committed its results and not what they followed from.
    """

    version: str
    golden_rows: int
    golden_differing: int
    test_rows: int
    test_differing: int
    same_tables: bool
    same_graph: bool
    environment: dict[str, tuple[str, str]]
    settings: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether every golden row and every test row gets exactly the same answer."""
        return self.golden_differing == 0 and self.test_differing == 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "equal": self.equal}


def rebuild(project: Project, past: Past, around: Around) -> Rebuilt:
    """Run every stage after collect in a clean clone, and compare with the bundle in `bundle/`.

    `around` gets the clone's folder while stages run there: who calls may tell their errors in its way.
    """
    if past.recorded is None:
        raise UserError(
            where=f"version {past.version}",
            found="a bundle that no commit recorded",
            expected="one whose evidence and dvc.lock are in a commit",
            hint="`fullcycle versions` lists what can be made again",
        )
    with _clone(project, past.recorded) as again:
        settings = tuple(map(str, differing_settings(again)))
        _track_apart(again)
        with around(again.root):
            for stage in AGAIN:
                run_graph(again, stage, single=True)
        return replace(_compared(project, again), settings=settings)


@contextmanager
def _clone(project: Project, commit: str) -> Iterator[Project]:
    """The commit alone, with the snapshot of its data and this project's cache."""
    top = Path(git(project.root, "rev-parse", "--show-toplevel"))
    inside = git(project.root, "rev-parse", "--show-prefix")
    with TemporaryDirectory(prefix="fullcycle-rebuild-") as scratch:
        git(top, "clone", "--quiet", "--no-checkout", "--shared", str(top), f"{scratch}/clone")
        git(Path(scratch) / "clone", "checkout", "--quiet", "--detach", commit)
        again = Project(Path(scratch) / "clone" / inside)
        _share_cache(project, again)
        _lend_inputs(project, again)
        yield again


def _share_cache(project: Project, again: Project) -> None:
    with open_dvc(project) as repo:
        cache = str(repo.cache.local.path)
    local = project.root / ".dvc/config.local"
    if local.exists():
        shutil.copy(local, again.root / ".dvc/config.local")
    with open_dvc(again) as repo, repo.config.edit("local") as config:
        config.setdefault("cache", {})["dir"] = str(Path(cache).parents[1])
    with open_dvc(again) as repo:
        repo.checkout([SNAPSHOT])


def _lend_inputs(project: Project, again: Project) -> None:
    """Tables that stages read beside the snapshot and that git does not hold, if they are what they were."""
    for needed in inputs_of((again.root / "dvc.lock").read_bytes(), without="collect"):
        lent, there = project.root / needed["path"], again.root / needed["path"]
        if there.exists():
            continue
        if not lent.is_file() or md5_of(lent) != needed.get("md5"):
            raise UserError(
                where=str(lent),
                found="no such file" if not lent.is_file() else "a file that has changed since that run",
                expected=f"the file with md5 {needed.get('md5')}, which the bundle was made with",
                hint="bring it back; in git, or under DVC (`dvc add`), it comes back by itself the next time",
            )
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(lent, there)


def _track_apart(again: Project) -> None:
    """Trials of a rebuild are no news: they go to a store that goes with the clone; no server is asked."""
    yaml, path = YAML(), again.paths.settings
    document = yaml.load(path.read_text(encoding="utf-8"))
    document["tracking"] = {**(document.get("tracking") or {}), "uri": f"{RELATIVE_SQLITE}mlflow.db"}
    with path.open("w", encoding="utf-8") as target:
        yaml.dump(document, target)


def _compared(project: Project, again: Project) -> Rebuilt:
    was, now = read_bundle(project.paths.bundle), read_bundle(again.paths.bundle)
    golden = [_golden_answers(bundle, was) for bundle in (was, now)]
    test = [_test_answers(bundle, project.paths.test) for bundle in (was, now)]
    return Rebuilt(
        version=now.version,
        golden_rows=len(was.golden.rows),
        golden_differing=_differing(*golden),
        test_rows=len(test[0]),
        test_differing=_differing(*test),
        same_tables=all(_digest(project.root / name) == _digest(again.root / name) for name in TABLES),
        same_graph=_digest(was.folder / MODEL) == _digest(now.folder / MODEL),
        environment=_other_versions(was.folder, now.folder),
    )


def _golden_answers(bundle: Bundle, asked: Bundle) -> list[bytes]:
    return [
        orjson.dumps(each) for each in bundle.answer([bundle.coerce(row.row) for row in asked.golden.rows])
    ]


def _test_answers(bundle: Bundle, table: Path) -> list[bytes]:
    """The bytes of each row's answer, so that two missing numbers are equal and two nearby ones are not."""
    import pyarrow.parquet as pq

    from fullcycle.core.bundle.predict import answer_table

    answers = answer_table(bundle, pq.read_table(table), batch_rows=65_536).to_pylist()
    return [repr(row).encode() for row in answers]


def _differing(was: list[bytes], now: list[bytes]) -> int:
    return sum(one != other for one, other in zip(was, now, strict=True))


def _other_versions(was: Path, now: Path) -> dict[str, tuple[str, str]]:
    then, today = (read_piece(folder, LINEAGE, Lineage).environment for folder in (was, now))
    return {name: (then[name], today[name]) for name in then if name in today and then[name] != today[name]}


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
