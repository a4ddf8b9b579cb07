"""LightGBM's Linux wheel needs the system's libgomp: say so with its cure, before an import fails."""

import ctypes.util
import sys

if sys.platform.startswith("linux") and ctypes.util.find_library("gomp") is None:
    sys.exit(
        "libgomp is missing, and LightGBM can't be loaded without it.\n"
        "  Debian, Ubuntu:  sudo apt-get install libgomp1\n"
        "  Fedora, RHEL:    sudo dnf install libgomp\n"
        "  Alpine:          sudo apk add libgomp\n"
        "then run the same command again."
    )
