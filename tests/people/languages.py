"""One language at a time: what is ours in a text, and which of its words belong to another language.

A page marks what is a person's (`translate="no"`). Texts without marks (Markdown, slides, axes of charts) may
hold what the pages of the same project mark so, code, and names that are the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache

from fullcycle.people.report.build import render_pages
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import LANGUAGES
from tests.people import evidence_factory as factory
from tests.people.reading import read

CYRILLIC, LATIN = re.compile("[А-Яа-яЁё]+"), re.compile("[A-Za-z]+")

# Names of formats, tools, metrics and statistics, which are the same in Russian.
NAMES = set(
    LATIN.findall(
        """
        A AP API AUC Actions Airflow B BentoML Biases BigQuery Brier CD CI CPU CSV CUPED CatBoost DVC DuckDB
        F FC FastAPI GitHub GitLab HTML HTTP Ibis JSON Jenkins LightGBM MAE ML MLflow ONNX POST PSI Parquet
        Python R README RMSE ROC Runtime SHA Spark Triton UTC V Weights XGBoost YAML curl git gzip lakeFS
        learn log loss p pickle Pickle r scikit skops t
        """
    )
)

CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
LINK, TAG = re.compile(r"\]\([^)\s]*\)"), re.compile(r"<[^>]+>")
COMMAND = re.compile(r"\b(?:fullcycle|dvc|git)(?: [a-z][\w-]*| --?[a-z][\w-]*| POST| /[a-z]+)*")
FILE = re.compile(
    r"[\w./*-]+\.(?:yaml|yml|json|jsonl|md|html|lock|parquet|csv|onnx|py|pptx)\b|\b\w+_\w+\b|/\w+"
)


def foreign(text: str, language: str, allowed: Collection[str] = ()) -> set[str]:
    """Words of the other language that stand in a text of ours."""
    if language == "en":
        return set(CYRILLIC.findall(text)) - set(allowed)
    return set(LATIN.findall(text)) - NAMES - set(allowed)


def prose(markdown: str) -> str:
    """Markdown without code, addresses and tags."""
    for what in (CODE_BLOCK, CODE, LINK, TAG):
        markdown = what.sub(" ", markdown)
    return markdown


def spoken(text: str) -> str:
    """A text without marks, such as a slide, without its commands and files."""
    return FILE.sub(" ", COMMAND.sub(" ", text))


def theirs(*pages: str, code: bool = False) -> set[str]:
    """Words that pages mark as a person's: names and values, and with `code` also commands and files."""
    marked = [
        element.text
        for html in pages
        for element in read(html).all()
        if element.attributes.get("translate") == "no" and (code or element.tag != "code")
    ]
    return {word for text in marked for word in (*LATIN.findall(text), *CYRILLIC.findall(text))}


# The projects that tests render, and what of their data stands on axes, in units and in names of branches.
PROJECTS: Mapping[str, Callable[[], Records]] = {
    "churn": factory.churn,
    "refused": lambda: factory.churn(passed=False),
    "houses": factory.houses,
}
OWN = {"a", "No", "Yes", "One", "EUR", "de", "fr", "value", "main", "churn", "refused", "houses"}


@cache
def pages_of(project: str, language: str) -> Mapping[str, str]:
    """The pages of a project, by file name."""
    return render_pages(project, PROJECTS[project](), language, tuple(LANGUAGES))


@cache
def data_of(project: str, language: str) -> frozenset[str]:
    """What texts without marks may hold."""
    return frozenset(OWN | theirs(*pages_of(project, language).values(), code=True))
