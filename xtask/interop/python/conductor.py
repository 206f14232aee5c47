"""The side of `cargo xtask interop` that a script sees; the messages are described in xtask/src/interop/conduct.rs."""

import contextlib
import json
import sys


def settings():
    """The ready line of the simulator."""
    return json.loads(sys.stdin.readline())["settings"]


def tell(message):
    print(json.dumps(message), flush=True)


@contextlib.contextmanager
def check(name):
    """Something that has to hold. What follows builds on it, so a failure ends the script."""
    try:
        yield
    except Exception as error:
        tell({"check": name, "ok": False, "why": f"{type(error).__name__}: {error}"})
        sys.exit(1)
    tell({"check": name, "ok": True})


def done():
    tell({"done": True})
