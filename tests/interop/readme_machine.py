# SPDX-License-Identifier: Apache-2.0
"""The machine of somebody who reads the documentation: a fresh clone, clients that are installed, nothing else.

It has a loopback of its own, so that 127.0.0.1:5000 is what it is for readers, and daemons of docker and containerd.
There is no network, so a registry on loopback stands in for docker.io: docker knows it as a mirror, podman, buildah
and skopeo by a file, and a Debian root file system plays the image `alpine`. What is written to /etc, /opt, /run and
/var/lib is gone afterwards.
"""

import os
import shutil
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.clients.containerd import CONFIGURATION
from tests.interop.clients.docker import ISOLATION
from tests.interop.clients.docker import PROGRAM
from tests.interop.commands import run
from tests.interop.debian import add_debian
from tests.interop.layout import Layout
from tests.interop.programs import provide
from tests.interop.tools import Pins
from tests.server import ENTREPOT
from tests.server import ROOT
from tests.server import launch
from tests.server import stopping
from tests.server import wait_until

NEEDS = ("docker.io", "containerd", "podman", "buildah", "skopeo", "helm", "oras", "debootstrap", "sqlite3")
BUILT = ("helm", "oras")
SET_UP_SECONDS = 600.0

ELSEWHERE = "127.0.0.1:5900"
"""What stands in for docker.io."""

PASSWORD = "elsewhere-is-a-mirror"
DOCKER_SOCKET = "/run/docker.sock"

_ALONE = """
set -e
cd "$0"
mkdir -p etc etc-work lib opt
mount --bind lib /var/lib
mount --bind opt /opt
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/etc-work" /etc
mount -t tmpfs tmpfs /run
ip link set lo up
touch ready
exec sleep infinity
"""
STORAGE = """\
[storage]
driver = "vfs"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
"""
ENGINE = """\
[engine]
events_logger = "none"
cgroup_manager = "cgroupfs"
"""
REGISTRIES = f"""\
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "{ELSEWHERE}"
insecure = true
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where pages are followed; `clone` is the folder that readers are in."""

    process: int
    home: Path
    clone: Path
    set_up_seconds: float

    def command(self, *arguments: str, is_connected: bool = False) -> list[str]:
        """Return a command that runs here; one that is connected has the network of the real machine instead."""
        network = [] if is_connected else ["--net"]
        inside = ["nsenter", f"--target={self.process}", "--mount", *network, f"--wd={self.clone}"]
        return [*inside, "env", *(f"{name}={value}" for name, value in self._environment.items()), *arguments]

    def __call__(self, *arguments: str) -> str:
        """Run a program here and return what it prints."""
        return run(self.command(*arguments))

    def home_of(self, reader: int) -> Path:
        """Return the home of somebody, with logins of their own."""
        home = self.home / "readers" / str(reader)
        home.mkdir(parents=True, exist_ok=True)
        return home

    @property
    def _environment(self) -> Mapping[str, str]:
        """Where programs are, and where the daemon of `ctr` is, on a machine without overlays."""
        return {
            "HOME": str(self.home_of(0)),
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}:/usr/sbin:/usr/bin:/sbin:/bin",
            "CONTAINERD_ADDRESS": str(self.home / "containerd" / "socket"),
            "CONTAINERD_SNAPSHOTTER": "native",
        }


@contextmanager
def prepared_machine(home: Path, pins: Pins) -> Iterator[Machine]:
    """Give a machine in the folder `home` until the block ends. Raises `StepError` and `ServerError`."""
    started = time.monotonic()
    clone = _clone(home / "entrepot")
    run(["make", "-C", str(clone), "setup"], timeout_seconds=SET_UP_SECONDS)
    took = time.monotonic() - started
    programs, _ = provide(NEEDS, pins)
    images = Layout(home / "images")
    images.create()
    add_debian(images)
    _install(home, {name: programs[name] for name in BUILT} | {"docker": Path(PROGRAM)})
    with ExitStack() as running, _alone(home) as process:
        machine = Machine(process, home, clone, took)
        _run_elsewhere(machine, running)
        _fill_elsewhere(machine, images)
        _run_daemons(machine, running)
        yield machine


def _clone(into: Path) -> Path:
    """Copy what a commit of this tree would hold."""
    listed = run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)
    return into


def _install(home: Path, programs: Mapping[str, Path]) -> None:
    """Put programs where a shell finds them first, and files of /etc where they will be laid over this machine's."""
    (home / "bin").mkdir()
    for name, program in programs.items():
        (home / "bin" / name).symlink_to(program)
    containers = home / "alone" / "etc" / "containers"
    (containers / "registries.conf.d").mkdir(parents=True)
    (containers / "registries.conf.d" / "elsewhere.conf").write_text(REGISTRIES)
    (containers / "storage.conf").write_text(STORAGE)
    (containers / "containers.conf").write_text(ENGINE)


@contextmanager
def _alone(home: Path) -> Iterator[int]:
    """Hold namespaces of mounts and of the network until the block ends, and give the process that they belong to."""
    folder, log = home / "alone", home / "alone.log"
    process = launch(["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", _ALONE, str(folder)], log)
    with stopping(process, log):
        wait_until((folder / "ready").exists, "the namespaces", process, log)
        yield process.pid


def _run_elsewhere(machine: Machine, running: ExitStack) -> None:
    """Run the registry that stands in for docker.io; what it is good for is public."""
    command = [str(ENTREPOT), "serve", f"--port={ELSEWHERE.partition(':')[2]}", f"--data={machine.home / 'elsewhere'}"]
    log = machine.home / "elsewhere.log"
    process = launch(machine.command(f"ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD={PASSWORD}", *command), log)
    running.enter_context(stopping(process, log))
    wait_until(lambda: "docker push" in log.read_text(), "the greeting", process, log)
    document, project = ["-H", "Content-Type: application/json", "-d"], '{"name": "library", "visibility": "public"}'
    machine("curl", "-sSf", f"-uadmin:{PASSWORD}", *document, project, f"http://{ELSEWHERE}/api/v1/projects")


def _fill_elsewhere(machine: Machine, images: Layout) -> None:
    flags = ["--dest-tls-verify=false", f"--dest-creds=admin:{PASSWORD}"]
    machine("skopeo", "copy", *flags, f"oci:{images.path}:debian", f"docker://{ELSEWHERE}/library/alpine:latest")


def _run_daemons(machine: Machine, running: ExitStack) -> None:
    docker, containerd = machine.home / "docker", machine.home / "containerd"
    for folder in (docker, containerd):
        folder.mkdir()
    (docker / "daemon.json").write_text("{}")
    flags = [f"--config-file={docker / 'daemon.json'}", f"--registry-mirror=http://{ELSEWHERE}", *ISOLATION]
    _run_daemon(machine, running, ["/usr/sbin/dockerd", *flags], DOCKER_SOCKET)
    file = containerd / "config.toml"
    file.write_text(CONFIGURATION.format(home=containerd))
    _run_daemon(machine, running, ["/usr/bin/containerd", f"--config={file}"], str(containerd / "socket"))


def _run_daemon(machine: Machine, running: ExitStack, command: Sequence[str], socket: str) -> None:
    """Run a daemon in the machine until all is over, and wait for its socket there."""
    log = machine.home / f"{Path(command[0]).name}.log"
    process = launch(machine.command(*command), log)
    running.enter_context(stopping(process, log))
    here = Path(f"/proc/{machine.process}/root{socket}")
    wait_until(here.exists, f"{socket} of {command[0]}", process, log)
