"""`contract.yaml`: what is written reads back equal, and mistakes of people are named by line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Sentinel, Task
from fullcycle.core.contract.yaml_file import contract_to_yaml, read_contract, write_contract
from fullcycle.core.errors import UserError

BASE = """\
version: 1
task: binary
classes: [No, Yes]
columns:
  churn: {type: categorical, role: target}
  plan:
    type: categorical
    allowed: [basic, premium]
"""

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
words = names | st.sampled_from(
    ["No", "1", "null", "~", "1.0", "2013-01-01", "<<", "#", "a: b", "- a", "", " a ", "\n"]
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60).map(float)


def columns(name: st.SearchStrategy[str]) -> st.SearchStrategy[Column]:
    return st.builds(
        Column,
        name=name,
        type=st.sampled_from(ColumnType),
        role=st.sampled_from([role for role in Role if role is not Role.target]),
        required=st.booleans(),
        missing=st.lists(words, max_size=3).map(tuple),
        decimal=st.sampled_from([".", ","]),
        unit=words,
        negative=st.lists(st.sampled_from(["brackets", "dash"]), max_size=2).map(tuple),
        zero=words,
        formats=st.lists(st.sampled_from(["iso", "dmy", "epoch_ms"]), max_size=2).map(tuple),
        proposed_formats=st.sampled_from([(), ("epoch_s",)]),
        strip=st.booleans(),
        lower=st.booleans(),
        spelling=st.dictionaries(words, words, max_size=3),
        allowed=st.none() | st.lists(words, max_size=30).map(tuple),
        range=st.none() | st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair))),
        strict=st.booleans(),
        personal=st.booleans(),
        leak=st.sampled_from([None, "drop"]),
        leak_reason=st.none() | words,
        proposed_missing=st.lists(st.builds(Sentinel, value=words, rows=st.integers(0)), max_size=2).map(
            tuple
        ),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    drawn = draw(st.lists(words.filter(bool), min_size=1, max_size=4, unique=True))
    target = Column(name=drawn[0], type=ColumnType.categorical, role=Role.target)
    others = tuple(draw(columns(st.just(name))) for name in drawn[1:])
    classes = tuple(draw(st.lists(words, min_size=2, max_size=2, unique=True)))
    return Contract(task=Task.binary, classes=classes, columns=(target, *others))


@given(contracts())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, contract: Contract
) -> None:
    path = tmp_path_factory.mktemp("contract") / "contract.yaml"
    write_contract(path, contract)
    assert read_contract(path) == contract


def test_the_file_leaves_defaults_out_and_keeps_lists_on_a_line() -> None:
    contract = Contract(
        task=Task.binary,
        classes=("No", "Yes"),
        columns=(
            Column(name="churn", type=ColumnType.categorical, role=Role.target, allowed=("No", "Yes")),
            Column(
                name="total charges",
                type=ColumnType.numeric,
                missing=("NA",),
                range=(18.8, 8684.0),
                proposed_missing=(Sentinel(value="-1", rows=3),),
            ),
        ),
    )
    text = contract_to_yaml(contract)
    assert text.startswith("# What a row must be")
    assert "\n".join(line for line in text.splitlines() if not line.startswith("#")) == "\n".join(
        [
            "version: 1",
            "task: binary",
            "classes: [No, Yes]",
            "columns:",
            "  churn:",
            "    type: categorical",
            "    role: target",
            "    allowed: [No, Yes]",
            "  total charges:",
            "    type: numeric",
            "    missing: [NA]",
            "    range: [18.8, 8684]",
            "    proposed_missing: [{value: '-1', rows: 3}]",
        ]
    )


def test_people_may_write_numbers_and_no_where_texts_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(BASE + "  age: {type: numeric, missing: [-999, No, ~, 1.0], spelling: {1: 2}}\n")
    age = read_contract(path).column("age")
    assert (age.missing, age.spelling) == (("-999", "No", "~", "1.0"), {"1": "2"})


def test_columns_may_stand_in_a_list(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "task: regression\ncolumns:\n"
        "- {name: y, type: numeric, role: target}\n- {name: x, type: numeric, missing: [-1]}\n"
    )
    assert read_contract(path).column("x").missing == ("-1",)


KEYS = (
    "name, type, role, required, missing, decimal, thousands, unit, negative, zero, formats,"
    " proposed_formats, strip, lower, spelling, proposed_spelling, copy_of, allowed, range, strict,"
    " personal, leak, leak_reason, proposed_missing"
)
MISTAKES = {
    "an unknown key": (
        "    alowed: [x]",
        "line 9, key columns.plan.alowed: found an unknown key 'alowed'",
        f"one of {KEYS}",
        "did you mean `allowed`?; ",
    ),
    "a wrong type": (
        "    strict: maybe",
        "line 9, key columns.plan.strict: found 'maybe'",
        "true or false",
        "",
    ),
    "no list": (
        "    missing: NA",
        "line 9, key columns.plan.missing: found 'NA'",
        "a list, such as [a, b]",
        "",
    ),
    "a bad value": (
        "  age: {type: number}",
        "line 9, key columns.age.type: found 'number'",
        "one of numeric, categorical, boolean, datetime, text",
        "did you mean `numeric`?; ",
    ),
    "a column twice": (
        "  plan: {type: text}",
        "line 9, key columns.plan: found the key 'plan' a second time (first on line 6)",
        "each key once",
        "",
    ),
    "an absent key": (
        "  age:",
        "line 9, key columns.age.type: found no key 'type'",
        "this key with a value",
        "",
    ),
    "no keys at all": (
        "  age: [1]",
        "line 9, key columns.age: found [1]",
        "keys with values, each on a line of its own",
        "",
    ),
    "half a range": (
        "    range: [1]",
        "line 9, key columns.plan.range[1]: found a list that ends too early",
        "a value at place 2",
        "",
    ),
    "a range turned round": (
        "    range: [3, 1]",
        "line 9, key columns.plan.range: found [3.0, 1.0]",
        "[lowest, highest]",
        "",
    ),
    "an unknown date form": (
        "    formats: [dmy, iso8601]",
        "line 9, key columns.plan.formats[1]: found 'iso8601'",
        "one of iso, dmy, mdy, ymd, dmy2, mdy2, dmy_name, mdy_name, epoch_s, epoch_ms, epoch_us, epoch_ns",
        "",
    ),
    "no YAML": (
        "  age: [1",
        "line 10: found something that isn't YAML (expected ',' or ']', but got '<stream end>')",
        "YAML: `key: value`, indented with spaces",
        "",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_by_line_and_key(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, where, expected, nearest = MISTAKES[mistake]
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "contract.yaml"
    path.write_text(BASE + lines + "\n")
    with pytest.raises(UserError) as raised:
        read_contract(path)
    assert str(raised.value).splitlines() == [
        f"contract.yaml, {where}",
        f"expected: {expected}",
        f"hint: {nearest}mend contract.yaml, then run the same command again",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "version: 1",
            "version: 9",
            "contract.yaml, line 1, key version: found version 9\nexpected: version 1 or older",
        ),
        ("[No, Yes]", "[No]", "contract.yaml, line 3, key classes: found 1 classes\nexpected: two classes"),
        ("binary", "regression", "contract.yaml, line 3, key classes: found 2 classes\nexpected: no classes"),
        (
            ", role: target",
            "",
            "contract.yaml, line 1: found exactly one column must have role target, found none",
        ),
        (
            "allowed: [basic",
            "leak: keep #",
            "contract.yaml, line 6, key columns.plan: found leak: keep needs a leak_reason",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_named(
    old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "contract.yaml"
    path.write_text(BASE.replace(old, new))
    with pytest.raises(UserError) as raised:
        read_contract(path)
    assert str(raised.value).startswith(message)


def test_a_file_that_is_absent_or_no_text_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_contract(tmp_path / "contract.yaml")
    (tmp_path / "contract.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="a byte that is no UTF-8"):
        read_contract(tmp_path / "contract.yaml")
    (tmp_path / "contract.yaml").write_text("")
    with pytest.raises(UserError, match="no key 'task'"):
        read_contract(tmp_path / "contract.yaml")


@pytest.mark.parametrize(
    "word", ["?", "0:", "a: b", "? a", ":", "a?", "- b", "#c", "{", "&a", "*a", "!a", "%", "@"]
)
def test_a_word_with_a_mark_of_yaml_stays_a_word(tmp_path: Path, word: str) -> None:
    target = Column(
        name="y", type=ColumnType.categorical, role=Role.target, missing=(word,), allowed=(word, "x")
    )
    contract = Contract(
        task=Task.binary, classes=(word, "x"), columns=(target, Column(name=word, type="numeric"))
    )
    write_contract(tmp_path / "contract.yaml", contract)
    assert read_contract(tmp_path / "contract.yaml") == contract


def test_spellings_of_several_words_are_not_broken_in_the_middle_of_one(tmp_path: Path) -> None:
    meant = {f"Credti card ({n} automatic)": "Credit card (automatic)" for n in range(9)}
    column = Column(name="how", type=ColumnType.categorical, proposed_spelling=meant)
    target = Column(name="y", type=ColumnType.numeric, role=Role.target)
    contract = Contract(task=Task.regression, columns=(column, target))
    write_contract(tmp_path / "contract.yaml", contract)
    assert read_contract(tmp_path / "contract.yaml") == contract
