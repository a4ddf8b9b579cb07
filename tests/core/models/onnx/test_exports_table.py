"""The published table of estimators by nasty tables (docs/reference/exports.md) stays true."""

from __future__ import annotations

import pytest
from benchmarks.exports import CASES, CRASH, PAGE, WRONG, ours, tables


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_our_export_is_equal_or_refused_and_the_page_says_which(case: object) -> None:
    found = ours(case)  # type: ignore[arg-type]
    assert not any(cell.startswith((WRONG, CRASH)) for cell in found.values())
    published = next(
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {case.name} | ours |")
    )
    cells = [cell.strip() for cell in published.split("|")[3:-1]]
    assert [cell == "refused" for cell in cells] == [found[name] == "refused" for name in tables()]
