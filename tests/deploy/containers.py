# SPDX-License-Identifier: Apache-2.0
"""The image: built from the bundle without a network, on a Debian of our own, and run without what it can do without.

No base image is pulled: Debian's smallest system with its Python stands in for it, made by debootstrap, once.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.bundles import ARCHIVE
from tests.deploy.bundles import make_bundle
from tests.deploy.bundles import unpack
from tests.interop.commands import StepError
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.debian import RELEASE
from tests.interop.report import Report
from tests.interop.tools import CACHE
from tests.server import HOST
from tests.server import answers
from tests.server import free_port

SECONDS = 1_800.0
BASE = "localhost/python-of-debian"
IMAGE = "localhost/entrepot-check"
FEW_FILES = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
ALONE = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges")
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Podman:
    """Podman with images and containers in a folder of its own."""

    folder: Path

    def __call__(self, *arguments: str) -> str:
        """Run it and return what it said. Raises `StepError`."""
        place = [f"--root={self.folder}/root", f"--runroot={self.folder}/run", "--runtime=runc"]
        return run(["podman", *place, "--cgroup-manager=cgroupfs", *arguments], timeout_seconds=SECONDS).strip()


def check_container(report: Report) -> None:
    """Build the image and run it."""
    with _podman() as podman:
        with report.step("podman", "builds from the bundle, without a network"):
            _build(podman)
        if report.rows[-1].evidence:
            return
        with report.step("podman", "the image says who it runs as, how to ask it, and what it is"):
            _require_manners(podman)
        with report.step("podman", "without TLS it serves nobody but itself"):
            message = failure_of(lambda: podman("run", "--rm", *FEW_FILES, *ALONE, "--network=none", IMAGE))
            expect("TLS is not configured" in message, message)
        with report.step("podman", "read-only, no root, no capability: a push, a check, a stop"):
            _serve(podman)
        with report.step("podman", "a stop while it starts"):
            _stop_early(podman)


@contextmanager
def _podman() -> Iterator[Podman]:
    folder = Path(tempfile.mkdtemp(prefix="entrepot-podman-"))
    podman = Podman(folder)
    try:
        yield podman
    finally:
        podman("rm", "--all", "--force")
        podman("rmi", "--all", "--force")
        run(["sh", "-c", f"umount --quiet --lazy {folder}/root/overlay || true"])
        shutil.rmtree(folder)


def _build(podman: Podman) -> None:
    podman("import", str(_base()), BASE)
    if not ARCHIVE.exists():
        make_bundle()
    bundle = unpack(ARCHIVE, podman.folder / "bundle")
    given = [f"--build-arg=PYTHON_IMAGE={BASE}", "--build-arg=VERSION=1.2.3", "--format=docker", "--network=none"]
    podman(
        "build", *given, *FEW_FILES, f"--file={bundle}/deploy/container/Containerfile", f"--tag={IMAGE}", str(bundle)
    )


def _base() -> Path:
    archive = CACHE / "debian" / f"{RELEASE}-python.tar"
    if not archive.exists():
        print(f"installing Debian {RELEASE} with Python into a folder with debootstrap", flush=True)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="entrepot-debian-") as scratch:
            packages = "--include=python3,python3-venv"
            run(
                ["nice", "debootstrap", "--variant=minbase", packages, RELEASE, f"{scratch}/root"],
                timeout_seconds=SECONDS,
            )
            shutil.rmtree(f"{scratch}/root/var/cache/apt/archives")
            partial = archive.with_suffix(".partial")
            run(["tar", "--create", "--file", str(partial), "--directory", f"{scratch}/root", "--exclude=./dev/*", "."])
            partial.rename(archive)
    return archive


def _require_manners(podman: Podman) -> None:
    (image,) = json.loads(podman("inspect", IMAGE))
    config = image["Config"]
    expect(config["User"] == "10001:10001", f"it runs as {config['User']}")
    expect(config["StopSignal"] == "SIGTERM" and "Healthcheck" in image, "it cannot be stopped, or asked")
    labels = config["Labels"]
    expect(labels["org.opencontainers.image.version"] == "1.2.3", f"{labels}")
    secrets = [each for each in config["Env"] if "PASSWORD" in each or "SECRET" in each]
    expect(not secrets, f"these are known to everybody: {secrets}")


def _start(podman: Podman, port: int) -> str:
    settings = {"HOST": HOST, "PORT": str(port), "WORKERS": "2"}
    variables = [f"--env=ENTREPOT_SERVER__{name}={value}" for name, value in settings.items()]
    volume = "--volume=data:/var/lib/entrepot"
    return podman("run", "--detach", *FEW_FILES, *ALONE, "--network=host", volume, *variables, IMAGE).splitlines()[-1]


def _serve(podman: Podman) -> None:
    port = free_port()
    url = f"http://{HOST}:{port}"
    container = _start(podman, port)
    _wait(podman, container, f"{url}/readyz")
    password = podman("exec", container, "cat", "initial-admin-password")
    run(["sh", str(Path(__file__).with_name("push.sh")), url, f"admin:{password}"])
    podman("healthcheck", "run", container)
    expect(podman("exec", container, "id", "-u") == "10001", "it runs as somebody else")
    failure_of(lambda: podman("exec", container, "touch", "/opt/entrepot/written"))
    expect(_seconds_to_stop(podman, container) < 15, "it did not stop by itself")
    expect(podman("inspect", "--format={{.State.ExitCode}}", container) == "0", "it did not end well")


def _stop_early(podman: Podman) -> None:
    container = _start(podman, free_port())
    expect(_seconds_to_stop(podman, container) < 5, "it did not stop by itself")


def _seconds_to_stop(podman: Podman, container: str) -> float:
    began = time.monotonic()
    podman("stop", "--time=20", container)
    return time.monotonic() - began


def _wait(podman: Podman, container: str, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if time.monotonic() > deadline:
            raise StepError(f"waited {START_SECONDS:.0f} s:\n{podman('logs', container)}")
        time.sleep(0.1)
