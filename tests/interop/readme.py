# SPDX-License-Identifier: Apache-2.0
"""The documentation, followed to the letter: every `sh` block of a page is run as it stands, in the order of the page.

Somebody types what the page shows, in the clone, and answers questions for passwords with what was printed before.
`make run` gets a terminal of its own, and Ctrl-C when the page is over.
"""

import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.readme_blocks import SESSIONS
from tests.interop.readme_blocks import Block
from tests.interop.readme_blocks import blocks_of
from tests.interop.readme_machine import Machine
from tests.interop.readme_machine import prepared_machine
from tests.interop.readme_terminal import INTERRUPT
from tests.interop.readme_terminal import Terminal
from tests.interop.readme_unit import exercise_unit
from tests.interop.report import Report
from tests.interop.tools import Pins
from tests.server import ROOT

README = "README.md"
"""Its blocks are for people with different clients: each is followed by somebody else, with a home of their own."""

PAGES = (README, "docs/tutorial.md")
UPGRADE = "docs/how-to/upgrade.md"
REGISTRY = "127.0.0.1:5000"
KEPT = "demo/alpine:1"
SERVE = "make run\n"
SERVING = Block(0, "make run", SERVE)
GREETING = "docker push"
"""What the last line says that a server prints when it starts."""

SHELL = ("bash", "-euxo", "pipefail", "-c")
BLOCK_SECONDS = 300.0
START_SECONDS = 60.0
STOP_SECONDS = 60.0
PROMISED_SECONDS = 180.0
"""From a clone to a pulled image."""

GREETED = re.compile(r"^User (\S+), password (\S+)$", re.MULTILINE)
MADE = re.compile(r"^name +(\S+)$.*?^password +(\S+)$", re.MULTILINE | re.DOTALL)
USER = re.compile(r"(?:-u|--user) (\S+)")
MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


@dataclass(slots=True)
class Reader:
    """Somebody who follows a page, and remembers the passwords of users."""

    machine: Machine
    report: Report
    page: str
    passwords: dict[str, str] = field(default_factory=dict)

    def follow(self) -> None:
        """Run every block of a page that begins with serving, on a registry without data."""
        first, *others = blocks_of((ROOT / self.page).read_text())
        shutil.rmtree(self.machine.clone / "data", ignore_errors=True)
        started = time.monotonic()
        with self.report.step(self.page, "whole page"), self._serving(first):
            for block in others:
                self._try(block)
                if block is others[0]:
                    self._keep_promise(time.monotonic() - started)
                if block is others[0] and self.page == README:
                    self._share_login(block)
            with self.report.step(self.page, "every image that it names is in the registry"):
                self._expect({name for block in others for name in block.images})

    def keep(self) -> None:
        """Run every block of the page about upgrades on a registry with an image, which is there in the end."""
        blocks = blocks_of((ROOT / self.page).read_text(), SESSIONS)
        running = [block for block in blocks if "server stopped" not in block.about]
        expect(0 < len(running) < len(blocks), f"{self.page} does not say which commands need the server stopped")
        shutil.rmtree(self.machine.clone / "data", ignore_errors=True)
        with self.report.step(self.page, "whole page"):
            with self._serving(SERVING):
                self._push()
                for block in running:
                    self._try(block)
            for block in blocks:
                if block not in running:
                    self._try(block)
            with self._serving(SERVING), self.report.step(self.page, "the image is there again"):
                self._expect({KEPT})
            with self.report.step(self.page, "an older program refuses a newer database as the page says"):
                self._refuse_newer()

    @contextmanager
    def _serving(self, block: Block) -> Iterator[None]:
        expect(block.script == SERVE, f"the first block should be {SERVE!r}, and is {block.script!r}")
        with Terminal(self.machine.command(*SHELL, block.script)) as terminal:
            with self.report.step(self.page, block.title):
                terminal.wait_for(GREETING, START_SECONDS)
                self.passwords.update(GREETED.findall(terminal.shown))
            expect("admin" in self.passwords, "no server, or no password: nothing else can be followed")
            yield
            with self.report.step(self.page, "Ctrl-C ends the server"):
                terminal.type(INTERRUPT)
                terminal.finish(STOP_SECONDS, statuses=(-signal.SIGINT,))

    def _try(self, block: Block) -> None:
        with self.report.step(self.page, block.title):
            self._run(block)

    def _run(self, block: Block) -> None:
        user = USER.search(block.script)
        password = self.passwords.get(user[1], "") if user else ""
        command = self.machine.command(f"HOME={self._home_for(block)}", *SHELL, block.script)
        with Terminal(command, password) as terminal:
            self.passwords.update(MADE.findall(terminal.finish(BLOCK_SECONDS)))

    def _keep_promise(self, seconds: float) -> None:
        whole = self.machine.set_up_seconds + seconds
        with self.report.step(self.page, f"from a clone to a pulled image in {whole:.0f} s"):
            expect(whole < PROMISED_SECONDS, f"{PROMISED_SECONDS:.0f} s are promised")

    def _share_login(self, block: Block) -> None:
        """Ask for a private image as a client that has no login but the one docker keeps for `block`."""
        (image,) = block.images
        with self.report.step(self.page, "skopeo uses the login of docker"):
            home = f"HOME={self._home_for(block)}"
            self.machine(home, "skopeo", "inspect", "--tls-verify=false", f"docker://{REGISTRY}/{image}")

    def _home_for(self, block: Block) -> Path:
        return self.machine.home_of(block.line if self.page == README else 0)

    def _push(self) -> None:
        flags = ["--dest-tls-verify=false", f"--dest-creds=admin:{self.passwords['admin']}"]
        self.machine("skopeo", "copy", *flags, "docker://alpine:latest", f"docker://{REGISTRY}/{KEPT}")

    def _refuse_newer(self) -> None:
        """Let the database be of a version that does not exist yet."""
        self.machine("sqlite3", "data/entrepot.db", "UPDATE alembic_version SET version_num = '9999'")
        said = failure_of(lambda: self.machine(".venv/bin/entrepot", "serve"))
        lines = (ROOT / self.page).read_text().splitlines()
        shown = next(line for line in lines if line.startswith("entrepot: ") and "knows up to" in line)
        wanted = re.escape(shown).replace("0005", "9999").replace("0004", "[0-9]{4}")
        expect(re.search(wanted, said) is not None, f"the page has {shown!r}, the program said {said}")

    def _expect(self, images: set[str]) -> None:
        for repository, _, tag in (name.partition(":") for name in sorted(images)):
            url = f"http://{REGISTRY}/v2/{repository}/manifests/{tag}"
            self.machine("curl", "-sSfI", f"-uadmin:{self.passwords['admin']}", "-H", f"Accept: {MANIFESTS}", url)


def exercise_readme(pins: Pins, report: Report) -> None:
    """Follow every page on one machine."""
    with (
        report.step("documentation", "whole run"),
        tempfile.TemporaryDirectory(prefix="entrepot-reader-") as folder,
        prepared_machine(Path(folder), pins) as machine,
    ):
        for page in PAGES:
            Reader(machine, report, page).follow()
        Reader(machine, report, UPGRADE).keep()
        exercise_unit(machine, report)
