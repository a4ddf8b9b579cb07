"""Errors of fullcycle.yaml are texts that a person acts on: they are compared whole."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.claims import Gate
from fullcycle.core.project.clean_settings import CleanSettings, ColumnCleanSettings
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.project.settings_file import read_settings, settings_schema
from fullcycle.core.project.settings_yaml import BY_COMMAND, scalar, settings_to_yaml

MEND = "mend it, then run the same command again; `fullcycle schema` prints every key"
SMALLEST = "name: churn\ndata: {source: churn.csv}\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        path = tmp_path / "fullcycle.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def error_of(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_settings(path)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_smallest_file_is_a_name_and_a_source(write) -> None:
    settings = read_settings(write(SMALLEST))
    assert (settings.name, settings.data.source, settings.seed) == ("churn", "churn.csv", 0)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_valid_key(write) -> None:
    assert error_of(write(SMALLEST + "experiment:\n  fold: 3\n")) == (
        "fullcycle.yaml, line 4, key experiment.fold: found an unknown key 'fold'\n"
        "expected: one of metric, models, folds, trials, time_budget_s, batch, workers, "
        "learning_curve, engine, dask_address, rows_at_most, propose_features\n"
        f"hint: did you mean `folds`?; {MEND}"
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("experiment:\n  models: [linear, lightgmb]\n", "experiment.models[1]"),
        (
            "hypotheses:\n"
            "  a: {claim: c, metric: roc_auc, minimum_effect: 0.01, treatment: {model: lightgmb}}\n",
            "hypotheses.a.treatment.model",
        ),
    ],
)
def test_a_model_that_is_not_known_is_told_with_the_nearest_one(write, text: str, key: str) -> None:
    """Its type is one of names, or a text of a form: one mistake and not one for each of the two."""
    told = error_of(write(SMALLEST + text))
    assert f"key {key}: found 'lightgmb'\n" in told
    assert "expected: one of linear, lightgbm, " in told
    assert "ensemble, package.module:function\n" in told
    assert "did you mean `lightgbm`?" in told


def test_a_key_at_the_wrong_place_is_sent_to_the_right_one(write) -> None:
    assert "did you mean `experiment.folds`?" in error_of(write(SMALLEST + "folds: 3\n"))


def test_a_value_of_the_wrong_type_is_shown_beside_what_was_expected(write) -> None:
    assert error_of(write(SMALLEST + "seed: many\n")) == (
        f"fullcycle.yaml, line 3, key seed: found 'many'\nexpected: a whole number\nhint: {MEND}"
    )


def test_a_value_out_of_range_names_the_bound(write) -> None:
    assert "key experiment.folds: found 1\nexpected: a number of at least 2" in error_of(
        write(SMALLEST + "experiment: {folds: 1}\n")
    )


@pytest.mark.parametrize("key", ["features", "lookups", "success", "hypotheses", "clean", "experiment"])
def test_a_key_with_nothing_below_it_means_none(write, key: str) -> None:
    """Whoever comments the last feature out has no features, and no error."""
    empty = read_settings(write(f"{SMALLEST}{key}:\n  # nothing here\n"))
    assert empty == read_settings(write(SMALLEST))


def test_a_key_that_must_hold_something_is_still_asked_for(write) -> None:
    assert "key data: found nothing" in error_of(write("name: churn\ndata:\n"))
    assert "key seed: found nothing" in error_of(write(f"{SMALLEST}seed:\n"))


def test_an_unknown_choice_gets_the_nearest_one(write) -> None:
    text = error_of(write(SMALLEST + "gates:\n  - {metric: rocauc, at_least: 0.8}\n"))
    assert text.startswith("fullcycle.yaml, line 4, key gates[0].metric: found 'rocauc'")
    assert "did you mean `roc_auc`?" in text


def test_text_that_is_no_yaml_is_an_error_with_its_line(write) -> None:
    text = error_of(write("name: churn\ndata: [1\n"))
    assert text.startswith("fullcycle.yaml, line 3: found something that isn't YAML")


def test_a_missing_key_says_what_it_is_for(write) -> None:
    assert error_of(write("name: churn\ndata: {}\n")) == (
        "fullcycle.yaml, line 2, key data.source: found no key 'source'\n"
        f"expected: {DataSettings.model_fields['source'].description}\n"
        f"hint: {MEND}"
    )


def test_a_missing_file_says_how_to_make_a_project(tmp_path: Path) -> None:
    assert error_of(tmp_path / "fullcycle.yaml").endswith(
        "found no such file\nexpected: the settings of a project\n"
        "hint: `fullcycle init DIR --data FILE --target COLUMN` makes a project"
    )


def test_settings_of_a_newer_version_ask_for_a_newer_fullcycle(write) -> None:
    text = error_of(write("version: 2\n" + SMALLEST))
    assert "found version 2\nexpected: version 1 or older\nhint: install a newer fullcycle" in text


@pytest.mark.parametrize(
    "name",
    [
        "churn",
        "12",
        "1e3",
        "null",
        "no",
        "a: b",
        "# x",
        "отток клиентов",
        'it\'s "so"',
        " padded ",
        "-",
        "0x1F",
    ],
)
def test_what_init_writes_is_read_back_as_the_same_settings(write, name: str) -> None:
    settings = Settings(
        name=name,
        data=DataSettings(source="../some where/'a' & b.csv", separator="\t", decimal=","),
        gates=[Gate(metric="roc_auc", at_least=0.8)],
        clean=CleanSettings(
            outliers="null",
            columns={
                name: ColumnCleanSettings(outliers="null", missing="constant", fill="a: 'b'"),
                "on": ColumnCleanSettings(indicator=False, rare_share=0.1),
            },
        ),
    )
    assert read_settings(write(settings_to_yaml(settings))) == settings


def test_every_key_that_people_write_stands_in_the_file_that_init_writes() -> None:
    text = settings_to_yaml(Settings(name="churn", data=DataSettings(source="churn.csv")))
    # gates is the older name of success
    keys = [(field, None) for field in Settings.model_fields if field not in (*BY_COMMAND, "gates")]
    keys += [
        (section, key)
        for section, field in Settings.model_fields.items()
        for key in getattr(field.annotation, "model_fields", ())
    ]
    for section, key in keys:
        assert f"\n  {key}:" in text or f"\n  # {key}:" in text if key else f"{section}:" in text


def test_lines_of_the_file_that_init_writes_fit_a_wide_window() -> None:
    text = settings_to_yaml(Settings(name="churn", data=DataSettings(source="churn.csv")))
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (2, "2"), ("auto", "auto"), (",", '","'), ("on", '"on"')]
)
def test_a_scalar_is_quoted_only_where_yaml_would_read_it_otherwise(value: object, text: str) -> None:
    assert scalar(value) == text


def test_the_schema_names_every_section_and_describes_keys_for_editors() -> None:
    schema = json.loads(settings_schema())
    assert set(schema["properties"]) == set(Settings.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["DataSettings"]["properties"]["source"]["description"].startswith(
        "A path relative to the project"
    )


@pytest.mark.parametrize("written", ["null", '"null"', "~"])
def test_null_for_outliers_is_the_action_and_not_nothing(write, written: str) -> None:
    text = f"{SMALLEST}clean:\n  outliers: {written}\n  columns:\n    age: {{outliers: {written}}}\n"
    clean = read_settings(write(text)).clean
    assert (clean.outliers, clean.columns["age"].outliers) == ("null", "null")
