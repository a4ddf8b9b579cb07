"""Entries come and go; every other line, and every remark, stays where a person put it."""

from __future__ import annotations

from fullcycle.core.project.yaml_edit import with_entries, without_entry, without_section

FILE = """# head
name: churn  # mine

# what we derive
features: {}  # none yet

# the split
split:
  kind: auto
"""


def test_an_empty_section_in_braces_is_opened_and_keeps_its_remark() -> None:
    assert with_entries(FILE, "features", {"r": ["r: a / b"]}) == FILE.replace(
        "features: {}  # none yet\n", "features:  # none yet\n  r: a / b\n"
    )


def test_a_section_of_remarks_alone_keeps_them() -> None:
    text = "features:  # none yet\n  # r: a / b\nsplit: {}\n"
    wanted = "features:  # none yet\n  # r: a / b\n  s: a * b\nsplit: {}\n"
    assert with_entries(text, "features", {"s": ["s: a * b"]}) == wanted
    assert with_entries("features: null\n", "features", {"s": ["s: a"]}) == "features:\n  s: a\n"


def test_entries_are_put_below_those_that_are_there_with_their_indent() -> None:
    text = "features:\n    r: a / b  # ours\n# next\nsplit: {}\n"
    wanted = "features:\n    r: a / b  # ours\n    s: a * b\n# next\nsplit: {}\n"
    assert with_entries(text, "features", {"s": ["s: a * b"]}) == wanted


def test_entries_in_braces_are_written_out_as_they_were() -> None:
    text = "features: {r: a / b, s: \"x + '/' + y\"}\n"
    wanted = "features:\n  r: a / b\n  s: \"x + '/' + y\"\n  t: a\n"
    assert with_entries(text, "features", {"t": ["t: a"]}) == wanted


def test_a_new_key_stands_at_the_end_and_goes_without_a_trace() -> None:
    entries = {"r": ["r:", "  expression: a / b"], "s": ["s:", "  expression: a"]}
    text = with_entries(FILE, "suggested", entries, note="by a command")
    assert (
        text == FILE + "\nsuggested:  # by a command\n  r:\n    expression: a / b\n  s:\n    expression: a\n"
    )
    assert without_section(text, "suggested") == FILE
    assert without_entry(without_entry(text, "suggested", "r"), "suggested", "s") == FILE


def test_an_entry_goes_alone_and_the_remark_above_the_next_one_stays() -> None:
    text = "features:\n  # of money\n  r: a / b\n  # of time\n  s: a * b\n  t: a\nname: x\n"
    assert (
        without_entry(text, "features", "r")
        == "features:\n  # of money\n  # of time\n  s: a * b\n  t: a\nname: x\n"
    )
    assert without_entry(text, "features", "t") == text.replace("  t: a\n", "")


def test_what_is_not_there_changes_nothing() -> None:
    assert without_entry(FILE, "suggested", "r") == FILE
    assert without_entry(FILE, "features", "r") == FILE
    assert without_section(FILE, "suggested") == FILE
    assert with_entries(FILE, "features", {}) == FILE
