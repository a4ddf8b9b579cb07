"""The first page: the verdict, the story of the cycle in five steps, and the next command."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from markupsafe import Markup

from fullcycle.core.evidence.base import Finding, Scalar
from fullcycle.people.report.blocks import Commands, Conclusion, Page, Section, Stage, Story, Text, Verdict
from fullcycle.people.report.pages.assess import readiness
from fullcycle.people.report.pages.common import interval_text, told
from fullcycle.people.report.pages.experiment import champion_of
from fullcycle.people.report.pages.prepare import graph_file, microseconds
from fullcycle.people.report.pages.value import value_section, value_sentence, value_tiles
from fullcycle.people.report.pages.verify import headline, verdict
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import metric_text, model_text
from fullcycle.people.report.words import Words

WORRIES_AT_MOST = 8
PAGE_OF = {"collect": "clean", "label": "labels"}  # stages that have no page of their own name


def index_page(words: Words, records: Records) -> Page:
    """The story on one page."""
    worrying = _worrying(words, records)
    value = records.verify.value if records.verify else None
    sections = [
        *([value_section(words, value, test=True)] if value else ()),
        Section("story", words.gettext("The story so far"), [Story(_stages(words, records))]),
        Section("next", words.gettext("What to type next"), [Commands(_commands(words, records))]),
    ]
    last = records.in_order[-1].run if records.in_order else None
    return Page(
        stage="index",
        title=words.gettext("Overview"),
        lede=_lede(words, records),
        verdict=_verdict(words, records),
        tiles=value_tiles(words, value) if value else (),
        conclusions=[
            *([value_sentence(words, value, test=True)] if value else ()),
            *(worrying or _calm(words, records)),
            *readiness(words, records),
        ],
        sections=sections,
        created=last.created if last else "",
    )


def _worrying(words: Words, records: Records) -> list[Conclusion]:
    """Errors and warnings of all stages, the serious ones first, each with a link to its page."""
    found = []
    for evidence in records.everything:
        page = f"{PAGE_OF.get(evidence.stage, evidence.stage)}.html#conclusions"
        found += [c for c in told(words, (evidence,), _link_to(page)) if c.severity != "info"]
    found.sort(key=lambda conclusion: conclusion.severity != "error")
    rest = len(found) - WORRIES_AT_MOST
    if rest < 2:
        return found
    more = words.count("%(n)s more warning is on its page.", "%(n)s more warnings are on their pages.", rest)
    return [*found[:WORRIES_AT_MOST], Conclusion(more)]


def _link_to(page: str) -> Callable[[Finding], str]:
    """Every finding of a stage is on that page."""
    return lambda _: page


def _lede(words: Words, records: Records) -> Markup:
    if records.clean is None:
        return words.say("From a raw table to a model that can be released.")
    return words.say(
        "From a raw table to a model that predicts %(target)s and can be released.",
        target=words.name(records.clean.target.column),
    )


def _verdict(words: Words, records: Records) -> Verdict:
    if records.verify is not None:
        return verdict(words, records.verify)
    return Verdict(
        words.say("No verdict yet: the cycle has not reached verification."),
        "plain",
        words.say("Type %(command)s to go on.", command=words.code("fullcycle run")),
    )


def _calm(words: Words, records: Records) -> list[Conclusion]:
    if not records.in_order:
        return []
    return [Conclusion(words.say("There are no warnings: nothing that was found needs a person's decision."))]


def _stages(words: Words, records: Records) -> list[Stage]:
    made = (_clean, _explore, _experiment, _prepare, _verify)
    return [step(words, records, number) for number, step in enumerate(made, start=1)]


def _later(words: Words, number: int, title: str, stage: str) -> Stage:
    command = words.code(f"fullcycle run {stage}")
    return Stage(number, title, "", "", words.say("Not run yet: %(command)s.", command=command))


def _clean(words: Words, records: Records, number: int) -> Stage:
    title = words.gettext("Data and cleaning")
    clean, collect = records.clean, records.collect
    if clean is None:
        return _later(words, number, title, "clean")
    columns = len(collect.columns) if collect else len(clean.policies)
    text = words.count(
        "%(n)s column; %(train)s rows to learn from, %(test)s sealed for the test.",
        "%(n)s columns; %(train)s rows to learn from, %(test)s sealed for the test.",
        columns,
        train=words.whole(clean.split.train_rows),
        test=words.whole(clean.split.test_rows),
    )
    label = words.say("of %(rows)s rows kept", rows=words.whole(clean.rows_in))
    return Stage(number, title, words.whole(clean.rows_out), label, text, "clean.html")


def _explore(words: Words, records: Records, number: int) -> Stage:
    title = words.gettext("Analysis")
    explore = records.explore
    if explore is None:
        return _later(words, number, title, "explore")
    related = [p.name for p in explore.columns if p.relation is not None and p.role == "feature"][:3]
    text = (
        words.count(
            "%(columns)s says most about the target.",
            "%(columns)s say most about the target.",
            len(related),
            columns=words.names(related),
        )
        if related
        else words.say("No column says anything about the target.")
    )
    label: Text = words.count("column looked at", "columns looked at", len(explore.columns))
    if explore.suspects:
        label = words.count(
            "columns looked at, %(n)s leak suspect",
            "columns looked at, %(n)s leak suspects",
            len(explore.suspects),
        )
    return Stage(number, title, words.whole(len(explore.columns)), label, text, "explore.html")


def _experiment(words: Words, records: Records, number: int) -> Stage:
    title = words.gettext("Experiments")
    evidence = records.experiment
    if evidence is None:
        return _later(words, number, title, "experiment")
    champion = champion_of(evidence)
    text = words.count(
        "The %(model)s won after %(n)s trial; the trivial baseline has %(baseline)s.",
        "The %(model)s won after %(n)s trials; the trivial baseline has %(baseline)s.",
        len(evidence.trials),
        model=model_text(words, evidence.champion),
        baseline=words.score(evidence.baseline),
    )
    label = words.say("%(metric)s out of fold", metric=metric_text(words, evidence.metric))
    return Stage(
        number,
        title,
        words.score(champion.score.value if champion else None),
        label,
        text,
        "experiment.html",
    )


def _prepare(words: Words, records: Records, number: int) -> Stage:
    title = words.gettext("Preparation")
    evidence = records.prepare
    if evidence is None:
        return _later(words, number, title, "prepare")
    largest = max((parity.largest_error for parity in evidence.parity), default=None)
    text = words.say(
        "One ONNX graph from raw columns to the answer; it differs from the fitted pipeline by at most"
        " %(error)s.",
        error=words.number(largest, 2),
    )
    figure, label = _weight(words, records)
    return Stage(number, title, figure, label, text, "prepare.html")


def _weight(words: Words, records: Records) -> tuple[Text, Text]:
    evidence = records.prepare
    file = graph_file(evidence) if evidence else None
    if evidence is None or (evidence.speed is None and file is None):
        return "", ""
    if evidence.speed is None or file is None:
        return words.size(file.bytes if file else 0), words.gettext("size of the graph")
    label = words.say("for one row, %(size)s on disk", size=words.size(file.bytes))
    return microseconds(words, evidence.speed.single_row_p50_us), label


def _verify(words: Words, records: Records, number: int) -> Stage:
    title = words.gettext("Verification")
    evidence = records.verify
    if evidence is None:
        return _later(words, number, title, "verify")
    metric = headline(evidence)
    passed = sum(gate.passed for gate in evidence.gates)
    text = words.say(
        "%(passed)s of %(all)s gates passed on %(rows)s test rows.",
        passed=words.whole(passed),
        all=words.whole(len(evidence.gates)),
        rows=words.whole(evidence.rows),
    )
    if metric is None:
        return Stage(number, title, "", "", text, "verify.html")
    label = words.say("%(metric)s on the test set", metric=metric_text(words, metric.metric))
    text = words.say(
        "%(score)s against %(baseline)s of the trivial baseline. %(gates)s",
        score=interval_text(words, metric.model, words.score),
        baseline=words.score(metric.baseline),
        gates=text,
    )
    return Stage(number, title, words.score(metric.model.value), label, text, "verify.html")


def _commands(words: Words, records: Records) -> list[tuple[Text, str]]:
    if len(records.in_order) < 6:
        return [(words.gettext("Go on with the cycle"), "fullcycle run")]
    if records.verify is not None and not records.verify.passed:
        return [
            (words.gettext("See where the cycle stands and what is open"), "fullcycle status"),
            (words.gettext("After a change, run what depends on it"), "fullcycle run"),
        ]
    return [
        (words.gettext("Start the API on this machine"), "fullcycle serve"),
        (words.gettext("Ask the model about one row"), _predict(records)),
        (words.gettext("After a change, run what depends on it"), "fullcycle run"),
    ]


def _predict(records: Records) -> str:
    """With a golden row to start from; evidence of before has none."""
    example = records.verify.example if records.verify else {}
    given = [f"{name}={_as_argument(value)}" for name, value in example.items()]
    return shlex.join(["fullcycle", "predict", *(given or ["--example"])])


def _as_argument(value: Scalar) -> str:
    """As the contract reads a text: an empty one is missing."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
