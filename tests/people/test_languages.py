"""No page of the course mixes the languages; what looks for it finds what it should.

Reports, slides, comments, letters and the quiz are looked at where they are made, by the same functions.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.people.languages import foreign, prose, spoken, theirs

COURSE = Path(__file__).parents[2] / "docs" / "course"


@pytest.mark.parametrize("path", sorted(COURSE.glob("*/*.md")), ids=lambda path: path.parent.name + path.stem)
def test_a_page_of_the_course_speaks_one_language(path: Path) -> None:
    elsewhere = {"In", "English", "По", "русски"}  # how the other edition is called, in its own language
    assert foreign(prose(path.read_text("utf-8")), path.parent.name, elsewhere) == set()


def test_a_word_of_ours_in_the_other_language_is_found() -> None:
    assert foreign("Проверка passed", "ru") == {"passed"}
    assert foreign("The check пройдена", "en") == {"пройдена"}
    assert foreign("Модель ONNX, ROC AUC", "ru") == set()


def test_code_commands_and_what_is_a_persons_are_no_words_of_ours() -> None:
    assert (
        foreign(prose("Наберите `fullcycle run` ([очистка](../cleaning.md))\n```bash\nls\n```\n"), "ru")
        == set()
    )
    assert foreign(spoken("Наберите fullcycle ci --provider github, см. notes/explore.md"), "ru") == set()
    html = '<html lang="ru"><b class="name" translate="no">tenure</b><p>other</p></html>'
    assert foreign("Столбец tenure other", "ru", theirs(html)) == {"other"}
