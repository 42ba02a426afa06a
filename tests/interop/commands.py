# SPDX-License-Identifier: Apache-2.0
"""Runs one program to its end and keeps what it said for whoever reads about a failure."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path


class StepError(Exception):
    """A client did not do what it should; the message holds the command and all of its output."""


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float = 300.0,
    stdin: str = "",
) -> str:
    """Run `command`, return its standard output, and raise `StepError` when it fails or takes too long."""
    try:
        finished = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    except FileNotFoundError as error:
        raise StepError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise StepError(f"{' '.join(command)}\nno end within {timeout_seconds:.0f} s") from error
    if finished.returncode != 0:
        said = f"{finished.stdout}{finished.stderr}".strip()
        raise StepError(f"{' '.join(command)}\nended with status {finished.returncode}:\n{said}")
    return finished.stdout


def expect(condition: bool, message: str) -> None:
    """Raise `StepError` with `message` unless `condition` holds."""
    if not condition:
        raise StepError(message)


def failure_of(action: Callable[[], object]) -> str:
    """Return what the client says when `action` fails; raise `StepError` when it succeeds."""
    try:
        action()
    except StepError as error:
        return str(error)
    raise StepError("it was accepted, and should have been refused")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for one run. Podman takes its path for part of an image's name, and no path of 50 characters."""
    folder = Path(tempfile.gettempdir()) / f"entrepot-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
