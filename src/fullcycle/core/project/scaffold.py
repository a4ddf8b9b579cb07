"""What a new project starts with: a few files, and a git and DVC repository around them.

Nothing of a person's is overwritten: what is there stays, unless it is named in the call.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.git import git
from fullcycle.core.project.paths import Paths
from fullcycle.core.project.settings_file import SCHEMA_FILE, settings_schema

CACHE_TYPES = ["reflink", "hardlink", "copy"]  # the cheapest link that the file system knows (DECISIONS 8)

# Outputs are named here once, so that DVC doesn't write a .gitignore of its own during the first run.
IGNORED = (
    "/data/raw.parquet",
    "/data/train.parquet",
    "/data/test.parquet",
    "/data/oof.parquet",
    "/data/served.parquet",
    "/build",
    "/model",
    "/bundle",
    "/reports/",
    "/deploy/",
    "/monitoring/",
    "/predictions/",
    "/mlflow.db*",
    "/mlruns/",
    "/.fullcycle/*lock",
    "/.fullcycle/failure.json",
    ".*.part",
    ".*.old",
    "__pycache__/",
)

README = """# {name}

Predicts `{target}` ({task}) from `{source}`, made by fullcycle.

```
fullcycle run       # everything that changed: collect, clean, explore, experiment, prepare, verify
fullcycle status    # where the cycle stands and what to do next
fullcycle serve     # the verified model behind an API
```

| file | what it is |
| --- | --- |
| `fullcycle.yaml` | the settings: the one file to edit by hand |
| `contract.yaml` | what a row must be: columns, roles, types; learned from the data, reviewed by people |
| `dvc.yaml` | the graph of stages; `dvc repro`, `dvc dag` and `dvc metrics show` work too |
| `evidence/` | what each stage measured and decided |
| `reports/` | the same for people: open `reports/en/index.html` |
| `bundle/` | the model that was verified: ONNX and JSON only |
"""


def people_files(root: Path) -> list[str]:
    """Files of a project that are there already and that scaffolding would replace."""
    paths = Paths(root)
    return [path.name for path in (paths.settings, paths.contract) if path.exists()]


def write_companions(root: Path, *, name: str, target: str, task: str, source: str) -> None:
    """README (if there is none), .gitignore (lines that lack are added) and the schema for editors."""
    readme = root / "README.md"
    if not readme.exists():
        write_text_atomically(readme, README.format(name=name, target=target, task=task, source=source))
    _ignore(root / ".gitignore")
    write_text_atomically(root / SCHEMA_FILE, settings_schema())


def ensure_git(root: Path, *, own: bool = False) -> bool:
    """Make sure that git knows the folder; True if a repository was made.

    A repository around it is taken, unless it ignores the folder or the project wants its `own`.
    """
    around = git(root, "rev-parse", "--show-toplevel", check=False)
    suits = around and (not own or Path(around).resolve() == root.resolve())
    if suits and not git(root, "check-ignore", str(root), check=False):
        return False
    git(root, "init", "--quiet")
    return True


def ensure_dvc(root: Path) -> None:
    """Make the folder a DVC repository, without telemetry and with links in place of copies."""
    if (root / ".dvc").exists():
        return
    os.environ.setdefault("DVC_NO_ANALYTICS", "1")
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # it greets on stdout otherwise
    try:
        repo = Repo.init(str(root), subdir=not (root / ".git").exists())
    except DvcException as error:
        raise UserError(
            where=str(root), found=f"a folder that DVC can't set up ({error})", hint="see `dvc init --help`"
        ) from error
    with repo.config.edit("repo") as config:
        config["core"].update({"analytics": False, "check_update": False})
        config.setdefault("cache", {})["type"] = CACHE_TYPES
    repo.close()


def commit(root: Path, names: Iterable[str], message: str) -> None:
    """Commit the named files of the project that exist and have changed; nothing else that lies about."""
    present = [name for name in names if (root / name).exists()]
    git(root, "add", "--", *present)
    if not git(root, "diff", "--cached", "--name-only", "--", *present):
        return
    # A person without a name in git's settings, or with signing set up, still gets a first commit.
    identity = [] if git(root, "config", "user.email", check=False) else _stand_in()
    git(
        root,
        *identity,
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--no-verify",
        "-m",
        message,
        "--",
        *present,
    )


def _stand_in() -> list[str]:
    return ["-c", "user.name=fullcycle", "-c", "user.email=fullcycle@localhost"]


def with_ignored(before: str) -> str:
    """The text of a .gitignore with the lines that it lacks."""
    lacking = [line for line in IGNORED if line not in before.splitlines()]
    if not lacking:
        return before
    gap = "" if not before or before.endswith("\n") else "\n"
    return before + gap + "# written by fullcycle: made by runs\n" + "\n".join(lacking) + "\n"


def _ignore(path: Path) -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if (after := with_ignored(before)) != before:
        write_text_atomically(path, after)
