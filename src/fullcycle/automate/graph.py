"""The stage graph as DVC reads it: what depends on what, and `dvc.yaml` in line with the settings.

Every output is `persist: true`, because DVC deletes outputs before a stage starts (DECISIONS 1); evidence and
bundle stay in git (`cache: false`), tables and models go to DVC's cache.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.sources.kinds import local_files

if TYPE_CHECKING:
    from fullcycle.core.project.automation_settings import TrainingBudget
    from fullcycle.core.project.project import Project

STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")
FEATURES = ("features", "lookups")  # part of the contract of every stage but collect
PLOT = {
    "x": "predicted",
    "y": "observed",
    "template": "scatter",
    "title": "Predicted and observed on the test set",
}


@dataclass(frozen=True)
class Node:
    """One stage: what it reads, which settings it obeys, what it writes."""

    name: str
    reads: tuple[str, ...]
    settings: tuple[str, ...]
    cached: tuple[str, ...] = ()  # outputs in DVC's cache
    kept: tuple[str, ...] = ()  # outputs in git
    metrics: tuple[str, ...] = ()  # flat numbers in git, for `dvc metrics diff`
    plots: tuple[str, ...] = ()  # points in git, for `dvc plots diff`
    options: str = ""  # of its command

    @property
    def writes(self) -> tuple[str, ...]:
        """All outputs."""
        return (*self.cached, *self.kept, *self.metrics, *self.plots)


def nodes(project: Project) -> tuple[Node, ...]:
    """The six stages of a project, in order."""
    settings = project.settings
    test_file = (settings.split.test,) if settings.split.test else ()
    lookups = _local(project, [lookup.source for lookup in settings.lookups.values()])
    proposing = settings.experiment.propose_features
    return (
        Node(
            "collect",
            reads=(*_sources(project), "contract.yaml"),
            settings=("data",),
            cached=("data/raw.parquet",),
            kept=("evidence/collect.json",),
        ),
        Node(
            "clean",
            reads=("data/raw.parquet", "contract.yaml", *test_file),
            settings=("seed", "data", "split", "clean", *FEATURES),
            cached=("data/train.parquet", "data/test.parquet"),
            kept=("evidence/clean.json",),
        ),
        Node(
            "explore",
            reads=("data/train.parquet", "contract.yaml"),
            settings=("seed", "explore", *FEATURES),
            kept=("evidence/explore.json",),
        ),
        Node(
            "experiment",
            reads=(
                "data/train.parquet",
                "contract.yaml",
                "evidence/clean.json",
                "experiment.lock.json",
                *(("evidence/explore.json",) if proposing else ()),  # suspects of a leak are no features
                *lookups,
            ),
            settings=(
                *("seed", "experiment", "tracking", "value"),
                *(("proposals",) if proposing else ()),
                *FEATURES,
            ),
            cached=("data/oof.parquet",),
            kept=("evidence/experiment.json",),
        ),
        Node(
            "prepare",
            reads=(
                "data/train.parquet",
                "data/oof.parquet",
                "contract.yaml",
                "evidence/clean.json",
                "evidence/experiment.json",
                *lookups,
            ),
            settings=("seed", "prepare", "value", *FEATURES),
            cached=("build", "model"),
            kept=("evidence/prepare.json",),
        ),
        Node(
            "verify",
            reads=(
                "data/train.parquet",
                "data/test.parquet",
                "build",
                "model",
                "contract.yaml",
                *(
                    f"evidence/{name}.json"
                    for name in ("collect", "clean", "explore", "experiment", "prepare")
                ),
                *lookups,
                *_judged_by(project),
            ),
            settings=("seed", "verify", "gates", "success", "value", *FEATURES),
            cached=("bundle",),
            kept=("evidence/verify.json",),
            metrics=("evidence/metrics.json",),
            plots=("evidence/observed.json",),
        ),
    )


def _judged_by(project: Project) -> Iterator[str]:
    """What verify compares with, beside the model: tests of behaviour and the bundle in production."""
    settings = project.settings.verify
    champion = None if settings.champion is None else f"{settings.champion}/MANIFEST.json"
    for path in (settings.behaviour, champion):
        if path is not None and (project.root / path).exists():
            yield path


def _sources(project: Project) -> tuple[str, ...]:
    """Local files that a snapshot is made of. What lies elsewhere is fetched again by `fullcycle collect`."""
    data = project.settings.data
    named = [data.source, *(join.source for join in data.joins), *([data.labels] if data.labels else [])]
    served = ("data/served.parquet",) if project.paths.served.is_file() else ()
    return (*_local(project, named), *served)


def _local(project: Project, sources: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for name in sources for path in local_files(name, project.root)))


def needed_for(project: Project, stage: str) -> tuple[str, ...]:
    """The stage and everything it depends on, in order (DECISIONS 10)."""
    maker = {output: node.name for node in nodes(project) for output in node.writes}
    reads = {node.name: node.reads for node in nodes(project)}
    needed, waiting = set(), [stage]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += [maker[path] for path in reads[name] if path in maker and maker[path] not in needed]
    return tuple(name for name in STAGES if name in needed)


def write_graph(project: Project, budget: TrainingBudget | None = None) -> bool:
    """Bring `dvc.yaml` in line with the settings; stages of a person's own stay. True if it changed.

    A `budget` stands in the command of its stage: `dvc.lock` then says that it was less than a whole search,
    and the next run without one does it again.
    """
    before, after = graph_texts(project, budget)
    if after != before:
        write_text_atomically(project.paths.graph, after)
    if not project.paths.search_lock.exists():
        write_text_atomically(project.paths.search_lock, "{}\n")
    return after != before


def graph_texts(project: Project, budget: TrainingBudget | None = None) -> tuple[str, str]:
    """`dvc.yaml` as it is (empty where there is none) and as it should be; equal where nothing is to do."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 110
    path = project.paths.graph
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    document = _load(yaml, before or "stages: {}\n")
    present = project.settings.model_fields_set  # DVC refuses a parameter that the file lacks
    wanted = {node.name: _stage(node, present) for node in _within(budget, nodes(project))}
    if before and all(document["stages"].get(name) == stage for name, stage in wanted.items()):
        return before, before
    document["stages"].update(wanted)
    text = StringIO()
    yaml.dump(document, text)
    return before, text.getvalue()


def _within(budget: TrainingBudget | None, all_nodes: Iterable[Node]) -> Iterator[Node]:
    for node in all_nodes:
        if budget is not None and node.name == "experiment":
            yield replace(node, options=f" --trials {budget.trials} --seconds {budget.time_budget_s:g}")
        else:
            yield node


def _load(yaml: Any, text: str) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        document = yaml.load(text)
    except YAMLError as error:
        raise UserError(
            where="dvc.yaml", found=str(error), hint="mend it, or delete it: `fullcycle run` writes it"
        ) from error
    if not isinstance(document, dict):
        document = yaml.load("stages: {}\n")
    if not isinstance(document.get("stages"), dict):
        document["stages"] = {}
    return document


def _stage(node: Node, present: Collection[str]) -> dict[str, Any]:
    stage: dict[str, Any] = {"cmd": f"fullcycle {node.name}{node.options}", "deps": sorted(node.reads)}
    parameters = [section for section in node.settings if section in present]
    if parameters:
        stage["params"] = [{"fullcycle.yaml": parameters}]
    outs: list[Any] = [{path: {"persist": True}} for path in node.cached]
    outs += [{path: {"cache": False, "persist": True}} for path in node.kept]
    if outs:
        stage["outs"] = outs
    if node.metrics:
        stage["metrics"] = [{path: {"cache": False, "persist": True}} for path in node.metrics]
    if node.plots:
        stage["plots"] = [{path: {"cache": False, "persist": True, **PLOT}} for path in node.plots]
    return stage
