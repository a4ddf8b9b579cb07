"""The public surface is a short list, and importing it is free."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

import fullcycle


def test_the_public_names_are_these() -> None:
    assert fullcycle.__all__ == ["CheckFailed", "Project", "UserError", "__version__", "load_bundle"]


@pytest.mark.parametrize("name", fullcycle.__all__)
def test_every_public_name_can_be_had_and_is_listed(name: str) -> None:
    assert getattr(fullcycle, name) is not None
    assert name in dir(fullcycle)


def test_the_version_is_that_of_the_distribution() -> None:
    assert fullcycle.__version__ == metadata.version("fullcycle")


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'run'"):
        fullcycle.run  # noqa: B018


def test_importing_fullcycle_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import fullcycle\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['fullcycle']"


@pytest.mark.parametrize("use", ["fullcycle.Project", "fullcycle.load_bundle", "fullcycle.UserError"])
def test_a_public_name_imports_no_training_library(use: str) -> None:
    heavy = ("sklearn", "dvc", "ibis", "mlflow")
    code = f"import sys, fullcycle; {use}; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
