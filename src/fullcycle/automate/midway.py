"""A stage whose settings or contract changed while it worked is not recorded.

DVC reads settings and hashes when a stage has ended. A switch of branches or an editor in the middle would
have it record, for what was made by the old settings, the values of the new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fullcycle.automate.graph import nodes
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project


@contextmanager
def held_still(project: Project, stage: str) -> Iterator[None]:
    """Raise UserError after the block if what the stage obeys is not what it was before."""
    before = _obeyed(project, stage)
    yield
    after = _obeyed(Project(project.root), stage)
    changed = [name for name, value in before.items() if after.get(name) != value]
    if changed:
        raise UserError(
            where=f"stage {stage}",
            found=f"another {', '.join(changed)} than when it began",
            expected="settings and contract that stay as they are while a stage works",
            hint="`fullcycle run` does it again with what is there now; an older commit can be worked on "
            "meanwhile with `git worktree add ../DIR`",
        )


def _obeyed(project: Project, stage: str) -> dict[str, object]:
    [node] = [each for each in nodes(project) if each.name == stage]
    found: dict[str, object] = {name: getattr(project.settings, name) for name in node.settings}
    if "contract.yaml" in node.reads:
        path = project.paths.contract
        found["contract.yaml"] = path.read_bytes() if path.exists() else None
    return found
