"""What is kept of answered predictions, how safely, and for how long."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fullcycle.core.project.section import Section


class LogSettings(Section):
    """The prediction log in `predictions/`."""

    enabled: bool = Field(True, description="Whether predictions of a project's server are logged")
    fsync: Literal["always", "second", "never"] = Field(
        "second",
        description="When records reach the disk itself. A killed server loses nothing in any case; a power "
        "cut loses nothing (`always`, slow), about a second, or what the system had not written yet",
    )
    when_full: Literal["refuse", "go_on"] = Field(
        "refuse",
        description="Where the log can't be written: answer 503, or answer without a record and count that",
    )
    personal: Literal["hash", "omit"] = Field(
        "hash",
        description="What stands for a column that contract.yaml marks `personal`: a salted hash, or nothing",
    )
    file_mb: float = Field(
        64.0, gt=0, description="A worker begins a new file at this size, and each day (UTC), megabytes"
    )
    keep_days: int | None = Field(
        None, ge=1, description="`fullcycle log compact` removes days before; default: everything is kept"
    )
