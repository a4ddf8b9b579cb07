"""Whether a bundle may be released: its gates passed, and it answers here as it must."""

from __future__ import annotations

from pathlib import Path

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.routes.model import Role


def releasable(folder: Path) -> Bundle:
    """The bundle, open and proven. Raises CheckFailed that names failed gates, and as read_bundle."""
    bundle = read_bundle(folder)
    failed = [gate for gate in bundle.tests.gates if not gate.passed and gate.severity == "gate"]
    if bundle.tests.passed:
        return bundle
    told = "; ".join(f"{gate.about or gate.id}: {gate.found}, bound {gate.bound}" for gate in failed)
    raise CheckFailed(
        where=f"{folder}/tests.json",
        found=f"{len(failed)} failed gate{'' if len(failed) == 1 else 's'} ({told})",
        expected="every gate passed on the sealed test rows",
        hint="see why with `fullcycle report`, mend it, then `fullcycle run` and `fullcycle release`",
    )


def refuse_other_answers(bundle: Bundle, champion: Bundle, role: Role) -> None:
    """Beside a champion stands what answers the same question in the same form: clients see either."""
    ours, theirs = _form(bundle), _form(champion)
    if role == "champion" or ours == theirs:
        return
    differing = [name for name in ours if ours[name] != theirs[name]]
    raise UserError(
        where=f"{bundle.folder}, as {role}",
        found=", ".join(f"{name} {ours[name]}" for name in differing),
        expected=", ".join(f"{name} {theirs[name]}" for name in differing)
        + f", as champion {champion.version} has",
        hint="`fullcycle release --as champion` replaces the champion, and clients see other answers",
    )


def _form(bundle: Bundle) -> dict[str, object]:
    return {
        "target": bundle.contract.target.name,
        "task": bundle.contract.task.value,
        "classes": None if bundle.classes is None else sorted(bundle.classes),
    }
