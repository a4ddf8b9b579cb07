"""The command `fullcycle`: one app, and what becomes of an error that a command lets out.

Heavy libraries are imported inside the command that needs them, so that `--help` answers at once.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fullcycle.cli import (
    abtest,
    assess,
    bundle,
    ci,
    contract,
    demo,
    doctor,
    features,
    hypotheses,
    init,
    keys,
    label,
    log,
    monitor,
    plan,
    project,
    quiz,
    release,
    report,
    score,
    serve,
    settings,
    stages,
    upkeep,
    versions,
)
from fullcycle.cli.common import Caller, coloured, say, show_json
from fullcycle.cli.handover import hand_over
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, EXIT_WRONG_INPUT, UserError

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
NAMED = 5  # projects that an error names
CONTAINERS_BETWEEN_COLLECTIONS = 5_000  # with Python's own 700, imports cost a sixth more
UNDER_DVC = "DVC_STAGE"  # DVC sets it for the commands of its stages

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    demo,
    init,
    contract,
    features,
    project,
    settings,
    stages,
    hypotheses,
    report,
    release,
    versions,
    serve,
    score,
    log,
    monitor,
    keys,
    bundle,
    label,
    abtest,
    ci,
    upkeep,
    plan,
    quiz,
    assess,
    doctor,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"fullcycle {version('fullcycle')}")
        raise typer.Exit


@app.callback()
def everywhere(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option("-C", metavar="DIR", help="Work in DIR, as in git.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From a raw table to a model that works in production and keeps working."""
    here = Path.cwd()
    Caller.folder, Caller.option = here, folder
    if folder is None:
        return
    context.call_on_close(partial(os.chdir, here))
    try:
        os.chdir(folder)
    except OSError as error:
        raise UserError(
            where=f"-C {folder}",
            found=error.strerror or str(error),
            expected="a folder that exists",
            hint=_nearest_folder(folder),
        ) from error


def _nearest_folder(folder: Path) -> str:
    """The folder beside it that is called nearly so, or the projects that are there."""
    from difflib import get_close_matches

    try:
        beside = sorted(each for each in folder.parent.iterdir() if each.is_dir())
    except OSError:
        return "`fullcycle init DIR --data FILE --target COLUMN` makes a project"
    near = get_close_matches(folder.name, [each.name for each in beside], n=1)
    if near:
        return f"did you mean `-C {folder.parent / near[0]}`?"
    projects = [str(each) for each in beside if (each / "fullcycle.yaml").is_file()]
    if projects:
        return f"projects there: {', '.join(projects[:NAMED])}"
    return "`fullcycle init DIR --data FILE --target COLUMN` makes a project"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code: 0 fine, 1 a check failed, 2 wrong usage or input."""
    gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(words, prog_name="fullcycle")
    except SystemExit as ending:
        return _ended(ending.code)
    except KeyboardInterrupt:
        return _ended(EXIT_INTERRUPTED)
    except UserError as error:
        _tell(error, as_json="--json" in words)
        return error.exit_code
    except OSError as error:
        _tell(_from_system(error), as_json="--json" in words)
        return EXIT_WRONG_INPUT
    except Exception:
        _hint_to_report()
        raise
    return EXIT_FINE


def _ended(code: object) -> int:
    if code == EXIT_INTERRUPTED and UNDER_DVC not in os.environ:
        sys.unraisablehook = lambda _: None  # a progress bar cut off in its constructor fails to close itself
        say("\nstopped; what was done is kept, and the same command goes on from there")
    return code if isinstance(code, int) else EXIT_FINE if code is None else EXIT_CHECK_FAILED


def _tell(error: UserError, *, as_json: bool) -> None:
    """Who asked for JSON gets JSON where the answer would have been; people read stderr."""
    if hand_over(error):
        return
    if as_json:
        show_json({"error": error.as_dict()})
    say(coloured("error: ", on=sys.stderr, fg="red", bold=True) + str(error))


def _from_system(error: OSError) -> UserError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    cure = "free some space" if full else "mend it"
    return UserError(
        where=str(error.filename or "the system"),
        found=error.strerror or str(error) or type(error).__name__,
        hint=f"{cure}, then run the same command again: files are replaced whole, so nothing is half written",
    )


def _hint_to_report() -> None:
    say(
        "\nThis is a bug in fullcycle, not a mistake of yours. Please report it with the lines below,\n"
        "the command you typed and the output of `fullcycle doctor`.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
