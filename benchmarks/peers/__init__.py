"""Other tools, each in an environment of its own (DECISIONS 39): made once, kept beside the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".benchmarks"


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment; made anew whenever its requirements change."""
    requirements = HERE / peer / "requirements.txt"
    folder = ENVIRONMENTS / peer
    python, installed = folder / "bin/python", folder / "installed.txt"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True
        )
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
        subprocess.run([*install, "-r", str(requirements)], check=True)
        installed.write_text(requirements.read_text())
    return str(python)
