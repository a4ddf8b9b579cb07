"""The catalogues are complete, and agree with the code."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from fullcycle.people.report import catalogue as catalogue_module
from fullcycle.people.report.catalogue import extracted, translated
from fullcycle.people.report.words import LANGUAGES, Words, catalogue_text

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_po(io.BytesIO(catalogue_text(request.param)), locale=request.param)


def identities(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in catalogue
        if message.id
    }


def test_a_catalogue_has_every_sentence_of_the_code_and_no_other(catalogue: Catalog) -> None:
    assert identities(catalogue) == identities(extracted())


def test_no_sentence_is_untranslated_or_fuzzy(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and not translated(message.string)] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert not catalogue.fuzzy


def test_every_plural_has_all_forms_of_its_language(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.pluralizable:
            assert len(message.string) == catalogue.num_plurals, message.id


def test_translations_have_the_parameters_of_their_sentence(catalogue: Catalog) -> None:
    assert [(message.id, errors) for message, errors in catalogue.check()] == []
    for message in catalogue:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = set(re.findall(r"%\((\w+)\)s", ids[-1]))
        for string in strings:
            assert set(re.findall(r"%\((\w+)\)s", string)) == wanted, (ids, string)


def test_russian_sentences_use_russian_letters_and_quotes(catalogue: Catalog) -> None:
    for message in catalogue:
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for string in strings:
            assert "“" not in string, string
            assert '"' not in string, string


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (1, "1 row", "1 строка"),
        (2, "2 rows", "2 строки"),
        (5, "5 rows", "5 строк"),
        (11, "11 rows", "11 строк"),
        (21, "21 rows", "21 строка"),
        (22, "22 rows", "22 строки"),
        (0, "0 rows", "0 строк"),
    ],
)
def test_plural_forms_follow_the_number(number: int, english: str, russian: str) -> None:
    assert Words("en").count("%(n)s row", "%(n)s rows", number) == english
    assert Words("ru").count("%(n)s row", "%(n)s rows", number) == russian


@pytest.mark.parametrize("language", OTHERS)
def test_bringing_a_catalogue_up_to_date_changes_nothing_where_it_is(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "path_of", lambda _: tmp_path / "new.po")
    assert catalogue_module.update(language) == 0
    assert (tmp_path / "new.po").read_bytes() == catalogue_text(language)
