"""The page about the model as it is deployed: size, speed, proof of equality, calibration, files."""

from __future__ import annotations

from fullcycle.core.evidence.prepare import ModelFile, Parity, PrepareEvidence
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Commands,
    Conclusion,
    Facts,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
)
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.charts.relations import log_bars
from fullcycle.people.report.pages.common import cell, parameter, told, whole, yes_no
from fullcycle.people.report.pages.prepare_parts.variants import choice_text, variants_section
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import CALIBRATIONS, SETS, model_text, plain, term
from fullcycle.people.report.words import Words

IMPORTANCE_DRAWN = 15
LOADING = {
    "onnx": 'import onnxruntime\nsession = onnxruntime.InferenceSession("{path}")',
    "pickle": 'import pickle\nwith open("{path}", "rb") as file:\n    pipeline = pickle.load(file)',
    "skops": (
        "import json\nimport skops.io\n"
        'files = json.load(open("evidence/prepare.json", encoding="utf-8"))["files"]\n'
        '[types] = [file["types"] for file in files if file["format"] == "skops"]\n'
        'pipeline = skops.io.load("{path}", trusted=types)'
    ),
}


def prepare_page(words: Words, records: Records) -> Page:
    """The report of prepare."""
    evidence = records.prepare
    assert evidence is not None
    sections = [_parity(words, evidence.parity), _speed(words, evidence)]
    if evidence.choice is not None:
        sections.append(variants_section(words, evidence, evidence.choice))
    sections.append(_calibration(words, evidence))
    if evidence.importance:
        sections.append(_importance(words, evidence))
    sections += [_files(words, evidence), _parameters(words, evidence)]
    return Page(
        stage="prepare",
        title=words.gettext("Preparation"),
        lede=words.say(
            "The chosen form of the model, fitted on all training rows, as one ONNX graph from raw columns to"
            " the answer."
        ),
        tiles=_tiles(words, evidence),
        conclusions=[*_summary(words, evidence), *told(words, (evidence,))],
        sections=sections,
        created=evidence.run.created if evidence.run else "",
    )


def microseconds(words: Words, value: float) -> str:
    """A duration of a single answer."""
    return words.unit(words.amount(value), words.pgettext("unit", "µs"))


def milliseconds(words: Words, value: float) -> str:
    """A duration of loading."""
    return words.unit(words.amount(value), words.pgettext("unit", "ms"))


def graph_file(evidence: PrepareEvidence) -> ModelFile | None:
    """The ONNX form."""
    return next((file for file in evidence.files if file.format == "onnx"), None)


def _tiles(words: Words, evidence: PrepareEvidence) -> list[Tile]:
    tiles = [Tile(words.gettext("Model"), model_text(words, evidence.model))]
    file = graph_file(evidence)
    if file is not None:
        note = words.count("%(n)s node", "%(n)s nodes", evidence.nodes)
        tiles.append(Tile(words.gettext("Size of the graph"), words.size(file.bytes), note))
    if evidence.speed is not None:
        note = words.say(
            "99 of 100 within %(p99)s", p99=microseconds(words, evidence.speed.single_row_p99_us)
        )
        tiles.append(
            Tile(
                words.gettext("One row, median"),
                microseconds(words, evidence.speed.single_row_p50_us),
                note,
            )
        )
        tiles.append(Tile(words.gettext("Start"), milliseconds(words, evidence.speed.start_ms)))
    if evidence.parity:
        proven = all(parity.passed for parity in evidence.parity)
        largest = max(parity.largest_error for parity in evidence.parity)
        tiles.append(
            Tile(
                words.gettext("Largest difference"),
                words.number(largest, 2),
                words.gettext("proven equal") if proven else words.gettext("not equal"),
                "good" if proven else "bad",
            )
        )
    return tiles


def _summary(words: Words, evidence: PrepareEvidence) -> list[Conclusion]:
    lines = []
    file = graph_file(evidence)
    if file is not None and evidence.speed is not None:
        text = words.count(
            "The graph takes %(n)s column, weighs %(size)s and answers one row in %(p50)s (median, one"
            " thread).",
            "The graph takes %(n)s columns, weighs %(size)s and answers one row in %(p50)s (median, one"
            " thread).",
            evidence.inputs,
            size=words.size(file.bytes),
            p50=microseconds(words, evidence.speed.single_row_p50_us),
        )
        lines.append(Conclusion(text, link="#speed"))
    if evidence.choice is not None:
        lines.append(Conclusion(choice_text(words, evidence, evidence.choice), link="#variants"))
    if evidence.importance:
        top = [importance.column for importance in evidence.importance[:3]]
        text = words.count(
            "The model leans most on %(columns)s.",
            "The model leans most on %(columns)s.",
            len(top),
            columns=words.names(top),
        )
        lines.append(Conclusion(text, link="#importance"))
    return lines


def parity_table(words: Words, parity: tuple[Parity, ...]) -> Table:
    """The proof in numbers."""
    columns = [
        Column(words.gettext("compared on")),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("largest difference"), numeric=True),
        Column(words.gettext("allowed"), numeric=True),
        Column(words.gettext("labels that differ"), numeric=True),
        Column(words.gettext("result")),
    ]
    rows = [
        [
            cell(term(words, SETS, p.rows_of)),
            whole(words, p.rows),
            cell(words.number(p.largest_error, 2), p.largest_error),
            cell(words.number(p.tolerance, 2)),
            whole(words, p.labels_differ),
            cell(yes_no(words, p.passed)),
        ]
        for p in parity
    ]
    return Table(words.gettext("The graph beside the fitted pipeline"), columns, rows)


def _parity(words: Words, parity: tuple[Parity, ...]) -> Section:
    text = words.say(
        "The same rows go through the fitted pipeline and through the graph in ONNX Runtime. Among the"
        " adversarial rows are ones with everything missing, unknown categories, extremes and empty"
        " strings."
    )
    blocks: list[Block] = [Paragraphs([text])]
    if parity:
        data = [(plain(words, SETS, p.rows_of), p.largest_error) for p in parity]
        limit = parity[0].tolerance
        label = "; ".join(f"{name}: {words.number(error, 2)}" for name, error in data)
        picture = log_bars(
            data,
            limit=limit,
            limit_label=words.gettext("allowed"),
            label=label,
            x_title=words.gettext("largest difference (logarithmic scale)"),
            value_format=lambda value: words.number(value, 2),
            tick_format=words.scientific,
        )
        blocks.append(Charts([Chart(words.gettext("How far graph and pipeline are apart"), picture)]))
    return Section("parity", words.gettext("Proof of equality"), [*blocks, parity_table(words, parity)])


def _speed(words: Words, evidence: PrepareEvidence) -> Section:
    title = words.gettext("Size and speed")
    file = graph_file(evidence)
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("inputs"), words.whole(evidence.inputs)),
        (words.gettext("nodes of the graph"), words.whole(evidence.nodes)),
    ]
    if file is not None:
        pairs.append((words.gettext("size"), words.size(file.bytes)))
    if evidence.speed is None:
        return Section("speed", title, [Facts(pairs)])
    speed = evidence.speed
    pairs += [
        (words.gettext("one row, median"), microseconds(words, speed.single_row_p50_us)),
        (words.gettext("one row, 99 of 100 within"), microseconds(words, speed.single_row_p99_us)),
        (words.gettext("start"), milliseconds(words, speed.start_ms)),
        (words.gettext("batch, rows per second"), words.amount(speed.batch_rows_per_s)),
    ]
    text = words.gettext("Measured in ONNX Runtime on one thread of the machine that ran the stage.")
    return Section("speed", title, [Paragraphs([text]), Facts(pairs)])


def _calibration(words: Words, evidence: PrepareEvidence) -> Section:
    calibration = evidence.calibration
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("method"), term(words, CALIBRATIONS, calibration.method))
    ]
    if calibration.log_loss_before is not None:
        pairs.append((words.gettext("log loss before"), words.fixed(calibration.log_loss_before, 4)))
    if calibration.log_loss_after is not None:
        pairs.append((words.gettext("log loss after"), words.fixed(calibration.log_loss_after, 4)))
    text = (
        _uncalibrated(words, evidence)
        if calibration.method == "none"
        else words.gettext(
            "Calibration makes a predicted 30% happen in about 30 cases of 100. It is learned from"
            " out-of-fold predictions and lives inside the graph."
        )
    )
    return Section("calibration", words.gettext("Calibration"), [Paragraphs([text]), Facts(pairs)])


def _uncalibrated(words: Words, evidence: PrepareEvidence) -> str:
    if evidence.calibration.log_loss_before is None:
        return words.gettext("A value is predicted, not a probability: there is nothing to calibrate.")
    return words.gettext(
        "The probabilities need no calibration: a sigmoid learned from out-of-fold predictions would not"
        " lower their log loss, so the graph answers without it."
    )


def _importance(words: Words, evidence: PrepareEvidence) -> Section:
    text = words.gettext(
        "How much worse the metric is on training rows when a column is shuffled. It says what the model"
        " uses, not what causes the target."
    )
    data = [(i.column, i.fall) for i in evidence.importance[:IMPORTANCE_DRAWN]]
    label = "; ".join(f"{name}: {words.number(fall, 3)}" for name, fall in data)
    picture = bars(
        data,
        label=label,
        x_title=words.gettext("worsening of the metric"),
        value_format=lambda value: words.number(value, 2),
    )
    blocks: list[Block] = [
        Paragraphs([text]),
        Charts([Chart(words.gettext("Columns that the model leans on"), picture)]),
    ]
    if len(evidence.importance) > IMPORTANCE_DRAWN:
        rows = [
            [cell(words.data(i.column), i.column), cell(words.number(i.fall, 3), i.fall)]
            for i in evidence.importance
        ]
        columns = [
            Column(words.gettext("column")),
            Column(words.gettext("worsening of the metric"), numeric=True),
        ]
        table = Table(
            words.gettext("All columns"), columns, rows, search=words.gettext("Find a column"), compact=True
        )
        blocks.append(table)
    return Section("importance", words.gettext("Importance"), blocks)


def _files(words: Words, evidence: PrepareEvidence) -> Section:
    rows = [
        [cell(words.code(f.path), f.path), cell(words.data(f.format)), cell(words.size(f.bytes), f.bytes)]
        for f in evidence.files
    ]
    columns = [
        Column(words.gettext("file")),
        Column(words.gettext("format")),
        Column(words.gettext("size"), numeric=True),
    ]
    text = words.say(
        "Only the ONNX graph goes into production. The other files are for study and for training again;"
        " load them only where you trust who made them."
    )
    golden = words.count(
        "%(n)s golden row, synthetic, travels with the graph and proves it again wherever it is started.",
        "%(n)s golden rows, all synthetic, travel with the graph and prove it again wherever it is started.",
        evidence.golden_rows,
    )
    commands = [
        (
            words.say("Load %(path)s in Python", path=words.code(file.path)),
            LOADING[file.format].format(path=file.path),
        )
        for file in evidence.files
    ]
    blocks: list[Block] = [
        Paragraphs([text, golden]),
        Table(words.gettext("Forms of the model"), columns, rows),
        Commands(commands),
    ]
    return Section("files", words.gettext("Files"), blocks)


def _parameters(words: Words, evidence: PrepareEvidence) -> Section:
    pairs: list[tuple[Text, Text]] = [
        (words.code(k), parameter(words, v)) for k, v in evidence.parameters.items()
    ]
    block: Block = Facts(pairs) if pairs else Paragraphs([words.gettext("The defaults.")])
    return Section("parameters", words.gettext("Parameters"), [block])
