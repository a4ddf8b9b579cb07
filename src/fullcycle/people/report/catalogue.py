"""Keeps the catalogues in step with the code: `python -m fullcycle.people.report.catalogue`.

It takes every sentence out of the modules and templates of reports, quiz and course, adds new ones to each
.po (to be translated) and drops those that are gone. A test fails where a sentence has no translation, or one
that is fuzzy.
"""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from fullcycle.people.report.words import DOMAIN, LANGUAGES, catalogue_text

ROOT = Path(str(resources.files("fullcycle.people.report")))
BESIDE = ("quiz", "course")  # packages that speak, too
METHODS = [("**.py", "python"), ("templates/**.j2", "jinja2.ext.babel_extract")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "say": None,
    "count": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def extracted() -> Catalog:
    """Every sentence of the reports, in the order of the modules."""
    catalogue = Catalog(project="fullcycle", charset="utf-8")
    found = [*extract_from_dir(ROOT, METHODS, keywords=KEYWORDS)]
    for beside in BESIDE:
        others = extract_from_dir(ROOT.parent / beside, METHODS, keywords=KEYWORDS)
        found += [(f"{beside}/{each[0]}", *each[1:]) for each in others]
    for filename, _, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(message, locations=[(filename, 0)], auto_comments=comments, context=context)
    return catalogue


def path_of(language: str) -> Path:
    """Where a catalogue lies."""
    return ROOT / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update(language: str) -> int:
    """Brings a catalogue up to date; returns how many of its sentences are not translated yet."""
    catalogue = read_po(io.BytesIO(catalogue_text(language)), locale=language)
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    with path_of(language).open("wb") as handle:
        write_po(handle, catalogue, width=110, omit_header=False, include_lineno=False, sort_by_file=True)
    return len([message for message in catalogue if message.id and not translated(message.string)])


def translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether every form is there."""
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != "en":
            print(f"{path_of(each)}: {update(each)} to translate")  # noqa: T201 - a command's answer
