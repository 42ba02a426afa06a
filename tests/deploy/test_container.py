# SPDX-License-Identifier: Apache-2.0
"""The image: who it runs as, and its first process."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

PLACE = ROOT / "deploy/container"
CONTAINERFILE = (PLACE / "Containerfile").read_text()


def first_process(tmp_path: Path, program: str) -> Path:
    """Write the image's first process for another program, a shell script."""
    script = tmp_path / "program"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    copy = tmp_path / "init.py"
    copy.write_text((PLACE / "init.py").read_text().replace("/opt/entrepot/bin/entrepot", str(script)))
    return copy


def test_it_runs_as_nobody_in_particular() -> None:
    """A number, which Kubernetes can see is not root's; the last word, so that nothing after it is root's."""
    assert re.findall(r"^USER (.*)$", CONTAINERFILE, re.MULTILINE)[-1] == "10001:10001"
    assert CONTAINERFILE.rindex("USER ") > CONTAINERFILE.rindex("RUN ")


def test_images_are_named_without_a_host() -> None:
    """Where images come from is the machine's configuration."""
    named = re.findall(r"^(?:FROM|ARG PYTHON_IMAGE=)(.*)$", CONTAINERFILE, re.MULTILINE)
    composed = "".join(each.read_text() for each in PLACE.parent.rglob("*.yaml"))
    named += re.findall(r"image: (.*)$", composed, re.MULTILINE)

    assert len(named) > 5
    assert [name for name in named if re.match(r" *[a-z0-9-]+\.[a-z]+/", name)] == []


def test_it_tells_whether_it_is_well_and_stops_when_told() -> None:
    """Whoever runs it need not know how to ask."""
    assert "HEALTHCHECK" in CONTAINERFILE
    assert "STOPSIGNAL SIGTERM" in CONTAINERFILE


@pytest.mark.parametrize(("program", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_the_first_process_ends_as_the_program_does(tmp_path: Path, program: str, status: int) -> None:
    """With its status, or 128 and the number of the signal that ended it."""
    init = first_process(tmp_path, program)

    assert subprocess.run([sys.executable, init], check=False).returncode == status


def test_the_first_process_passes_arguments_and_signals_on(tmp_path: Path) -> None:
    """The program sees the stop and decides."""
    init = first_process(tmp_path, 'trap "exit 7" TERM\necho "$@"\nwhile true; do sleep 0.05; done')
    with subprocess.Popen([sys.executable, init, "serve", "--port", "1"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"serve --port 1\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 7


def test_a_stop_before_the_program_has_begun_is_not_lost(tmp_path: Path) -> None:
    """It is passed on as soon as there is somebody to pass it to."""
    init = first_process(tmp_path, "exec sleep 60")
    begins = "    children.append(subprocess.Popen("
    assert begins in init.read_text()
    init.write_text(init.read_text().replace(begins, f"    os.kill(os.getpid(), signal.SIGTERM)\n{begins}"))

    assert subprocess.run([sys.executable, init], check=False, timeout=20).returncode == 128 + signal.SIGTERM
