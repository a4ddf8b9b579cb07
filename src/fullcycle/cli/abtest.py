"""Commands about A/B tests: how many units one needs, and what came out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import Caller, JsonOption, project_here, say, show_json, to_type
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.abtest import AnalysisFacts, DesignFacts
    from fullcycle.core.project.abtest_settings import AbTest
    from fullcycle.core.project.project import Project
    from fullcycle.core.sources.source import OpenedSource
    from fullcycle.live.abtest.request import Words

LIBRARIES = ("numpy", "scipy", "duckdb", "ibis-framework")
UNNAMED = "unnamed"


class CorrectionOption(StrEnum):
    """`--correction`."""

    holm = "holm"
    bonferroni = "bonferroni"
    dunnett = "dunnett"


NameArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help="A test below `abtests:` in fullcycle.yaml.")
]
ConversionOption = Annotated[
    list[str] | None,
    typer.Option("--conversion", metavar="COLUMN", help="A metric: the share of units that have it."),
]
MeanOption = Annotated[
    list[str] | None, typer.Option("--mean", metavar="COLUMN", help="A metric: the mean of units.")
]
RatioOption = Annotated[
    list[str] | None,
    typer.Option("--ratio", metavar="A/B", help="A metric: the ratio of two columns' sums."),
]
GuardOption = Annotated[
    list[str] | None,
    typer.Option(
        "--guard", metavar="KIND:COLUMN:LIMIT", help="What must not grow by LIMIT, such as mean:latency:5%."
    ),
]
EffectOption = Annotated[
    str | None,
    typer.Option("--effect", metavar="X", help="Smallest change of the first metric that matters, or X%."),
]
CovariateOption = Annotated[
    str | None,
    typer.Option("--covariate", metavar="COLUMN", help="Known before the test: CUPED for the first metric."),
]
LowerOption = Annotated[
    bool, typer.Option("--lower-is-better", help="The first metric is better where it is lower.")
]
SharesOption = Annotated[
    str | None,
    typer.Option("--shares", metavar="A=0.5,B=0.5", help="Planned shares, the control first; names: equal."),
]
UnitOption = Annotated[
    str | None, typer.Option("--unit", metavar="COLUMN", help="What was drawn; its rows count as one.")
]
TimeOption = Annotated[str | None, typer.Option("--time", metavar="COLUMN", help="The moment of a row.")]
StrataOption = Annotated[
    str | None, typer.Option("--strata", metavar="COLUMN", help="Compare within its values.")
]
VariantOption = Annotated[
    str | None, typer.Option("--variant", metavar="COLUMN", help="Which variant a row met.")
]
AlphaOption = Annotated[
    float | None, typer.Option("--alpha", help="Chance of a false difference over all comparisons: 0.05.")
]
CorrectOption = Annotated[
    CorrectionOption | None, typer.Option("--correction", help="How alpha is shared; default: holm.")
]
PeekingOption = Annotated[
    bool, typer.Option("--peeking", help="Decide by intervals that hold at every look.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Plan A/B tests and analyse them.", rich_markup_mode=None, no_args_is_help=True)
    group.command("design")(design)
    group.command("analyse")(analyse)
    app.add_typer(group, name="abtest")


def design(
    name: NameArgument = None,
    *,
    conversion: ConversionOption = None,
    mean: MeanOption = None,
    ratio: RatioOption = None,
    guard: GuardOption = None,
    effect: EffectOption = None,
    base: Annotated[
        float | None, typer.Option("--base", help="The first metric now, without change.")
    ] = None,
    sd: Annotated[float | None, typer.Option("--sd", help="Its standard deviation between units.")] = None,
    covariate: CovariateOption = None,
    lower_is_better: LowerOption = False,
    variant: VariantOption = None,
    shares: SharesOption = None,
    unit: UnitOption = None,
    time_: TimeOption = None,
    strata: StrataOption = None,
    alpha: AlphaOption = None,
    power: Annotated[
        float | None, typer.Option("--power", help="Chance that an effect which matters is found: 0.8.")
    ] = None,
    correction: CorrectOption = None,
    peeking: PeekingOption = False,
    per_day: Annotated[
        float | None, typer.Option("--per-day", metavar="N", min=0.001, help="Units a day, of all variants.")
    ] = None,
    history: Annotated[
        str | None,
        typer.Option("--history", metavar="SRC", help="Units before the test: values, spreads, savings."),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Write the test into fullcycle.yaml and fix it, before results.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """How many units and days a test needs, and what it would find."""
    from fullcycle.live.abtest.design import design as plan
    from fullcycle.live.abtest.design import read_history
    from fullcycle.live.abtest.logged import units_a_day
    from fullcycle.live.abtest.request import Words

    began = time.monotonic()
    others: dict[str, Any] = {"variant": variant, "unit": unit, "time": time_, "strata": strata}
    others |= {"alpha": alpha, "power": power}
    others |= {"correction": correction.value if correction else None, "peeking": peeking or None}
    words = Words(
        conversion or (),
        mean or (),
        ratio or (),
        guard or (),
        effect,
        base,
        sd,
        covariate,
        lower_is_better,
        shares,
        others,
    )
    if save and name is None:
        raise UserError(
            where="fullcycle abtest design", found="--save and no name", expected="a name to save it under"
        )
    project = _project_if_any(needed=save)
    test = _test(project, name, words)
    if per_day is not None:
        test = test.model_copy(update={"per_day": per_day})
    seen = None
    if history is not None:
        with _opened(history) as opened:
            seen = read_history(opened, test, history)
    facts = plan(name or UNNAMED, test, seen, units_a_day(project) if project else None)
    if project is not None and name is not None:
        facts = _kept_design(project, test, facts, began, save=save)
    if as_json:
        show_json(facts.model_dump(mode="json"))
    else:
        from fullcycle.cli.abtest_told import design_told

        typer.echo("\n".join(design_told(facts)))
        if not save and facts.hash is None and name is not None:
            say(f"not fixed: `{to_type(f'abtest design {name} --save')}` does, before there are results")


def _kept_design(
    project: Project, test: AbTest, facts: DesignFacts, began: float, *, save: bool
) -> DesignFacts:
    """The design in the evidence, and on record where it is saved."""
    from fullcycle.core.project.lineage import run_info
    from fullcycle.live.abtest.evidence import with_part
    from fullcycle.live.abtest.saved import fix, with_record

    if save:
        test = test.model_copy(update={"units": facts.units})
        fix(project, facts.name, test)
    if save or facts.name in project.settings.abtests:
        facts = with_record(project, facts.name, test, facts)
        with_part(project, facts, run_info(project, time.monotonic() - began, LIBRARIES))
    return facts


def analyse(
    name: NameArgument = None,
    *,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="SRC", help="A table, as data.source; default: champion, challenger."),
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", help="Table of a database, or sheet of an Excel file.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", metavar="SQL", help="SELECT of a database.")] = None,
    variant: VariantOption = None,
    control: Annotated[
        str | None, typer.Option("--control", metavar="NAME", help="The variant to compare with.")
    ] = None,
    conversion: ConversionOption = None,
    mean: MeanOption = None,
    ratio: RatioOption = None,
    guard: GuardOption = None,
    effect: EffectOption = None,
    covariate: CovariateOption = None,
    lower_is_better: LowerOption = False,
    shares: SharesOption = None,
    unit: UnitOption = None,
    time_: TimeOption = None,
    strata: StrataOption = None,
    segment: Annotated[
        list[str] | None, typer.Option("--segment", metavar="COLUMN", help="Show effects by its values.")
    ] = None,
    alpha: AlphaOption = None,
    correction: CorrectOption = None,
    peeking: PeekingOption = False,
    units: Annotated[
        int | None, typer.Option("--units", metavar="N", help="Planned units of all variants.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What came out: the draw first, then effects with intervals, then what follows.

    Without --data and a test that names one: the challenger of the current routes beside the champion, from
    the prediction log with its outcomes. Exit 1 where variants did not get their planned shares.
    """
    from fullcycle.live.abtest.request import Words

    began = time.monotonic()
    others: dict[str, Any] = {
        "variant": variant,
        "unit": unit,
        "time": time_,
        "strata": strata,
        "segments": segment,
    }
    others |= {"alpha": alpha, "correction": correction.value if correction else None}
    words = Words(
        conversion or (),
        mean or (),
        ratio or (),
        guard or (),
        effect,
        None,
        None,
        covariate,
        lower_is_better,
        shares,
        {**others, "peeking": peeking or None, "units": units},
    )
    if data is None and name is None and not words.said:
        facts = _routes(began)
    else:
        facts = _from_table(_Asked(name, data, table, query, control), words, began)
    if as_json:
        show_json(facts.model_dump(mode="json"))
    else:
        from fullcycle.cli.abtest_told import analysis_told

        typer.echo("\n".join(analysis_told(facts)))
    raise typer.Exit(EXIT_CHECK_FAILED if facts.mismatch.found else EXIT_FINE)


@dataclass(frozen=True)
class _Asked:
    """Which test, and which table."""

    name: str | None
    data: str | None
    table: str | None
    query: str | None
    control: str | None

    def place(self, project: Project | None) -> tuple[str, Path]:
        """The source and the folder that it is relative to; a UserError where none is named."""
        if self.data is not None:
            return self.data, Caller.folder or Path.cwd()
        tests = project.settings.abtests if project else {}
        told = tests[self.name].data if self.name in tests else None
        if told is None or project is None:
            raise UserError(
                where="fullcycle abtest analyse",
                found="no table",
                expected="--data SRC, or `data` in the test",
                hint="without any option it compares champion and challenger of the current routes",
            )
        return told, project.root


def _from_table(asked: _Asked, words: Words, began: float) -> AnalysisFacts:
    """From a table that is named here or in the design."""
    from fullcycle.core.project.lineage import run_info
    from fullcycle.live.abtest.analyse import Asked, analyse
    from fullcycle.live.abtest.evidence import with_part
    from fullcycle.live.abtest.saved import on_record
    from fullcycle.live.abtest.units import variants_in

    project, name = _project_if_any(), asked.name
    declared = project is not None and name in project.settings.abtests
    source, root = asked.place(project)
    with _opened(source, root, table=asked.table, query=asked.query) as opened:
        shares = None
        if words.said and not declared and words.shares is None:
            column = words.others.get("variant") or "variant"
            shares = variants_in(opened.table, column, source, asked.control)
        test = _test(project, name, words, shares)
        seed = project.settings.seed if project else 0
        facts = analyse(opened.table, Asked(name or UNNAMED, test, source, opened.decimal, seed))
    if project is not None:
        if declared and name is not None:
            facts = on_record(project, name, test, facts)
        with_part(project, facts, run_info(project, time.monotonic() - began, LIBRARIES))
    return facts


def _routes(began: float) -> AnalysisFacts:
    """Champion and challenger, from the log."""
    from fullcycle.core.project.lineage import run_info
    from fullcycle.live.abtest.evidence import with_part
    from fullcycle.live.abtest.logged import analyse_routes

    project = project_here()
    facts = analyse_routes(project)
    with_part(project, facts, run_info(project, time.monotonic() - began, LIBRARIES))
    return facts


def _test(
    project: Project | None, name: str | None, words: Words, shares: dict[str, float] | None = None
) -> AbTest:
    """The test of that name; what is typed beside it would be another one. A new name takes what is typed."""
    from fullcycle.live.abtest.request import read_words
    from fullcycle.live.abtest.saved import named

    if name is None or (words.said and (project is None or name not in project.settings.abtests)):
        return read_words(words, shares)
    if words.said:
        raise UserError(
            where=f"fullcycle abtest, test {name}",
            found="options beside a test that is written down",
            expected="its name alone, or another name",
            hint=f"change abtests.{name} in fullcycle.yaml; a change after a result will be shown",
        )
    return named(project or project_here(), name)


def _project_if_any(*, needed: bool = False) -> Project | None:
    """The project of this folder; outside of one, tables can be analysed and nothing is kept."""
    if needed or (Path.cwd() / "fullcycle.yaml").is_file():
        return project_here()
    return None


@contextmanager
def _opened(source: str, root: Path | None = None, **where: str | None) -> Iterator[OpenedSource]:
    from fullcycle.core.project.settings import DataSettings
    from fullcycle.core.sources.source import open_source

    with open_source(DataSettings(source=source, **where), root or Caller.folder or Path.cwd()) as opened:
        yield opened
