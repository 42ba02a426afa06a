# SPDX-License-Identifier: Apache-2.0
"""`--tls auto`, and the one command it prints: real clients verify the server once it was run, and refuse it before.

The command is run as it is printed, in a mount namespace whose /etc and /usr/local/share are overlays: it writes
where it would on any machine, and nothing of it stays.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.chart import NAME
from tests.interop.chart import VERSION
from tests.interop.chart import package_chart
from tests.interop.clients.containerd import CONFIGURATION
from tests.interop.clients.docker import ISOLATION
from tests.interop.clients.docker import PROGRAM
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.images import LAYER_GZIP
from tests.interop.images import add_image
from tests.interop.layout import Layout
from tests.interop.programs import build_go
from tests.interop.report import Report
from tests.interop.tools import Pins
from tests.interop.tools import install_packages
from tests.server import HOST
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import launch_entrepot
from tests.server import stopping
from tests.server import wait_until

CLIENT = "trust"
REGISTRY = "registry.entrepot.test"
"""A name that is not of loopback: clients believe a registry on loopback without verifying it."""

PACKAGES = ("skopeo", "podman", "docker.io", "containerd")
PASSWORD = "trusted-by-command"

_OVERLAYS = f"""
set -e
for folder in etc usr/local/share; do
    mkdir -p "$0/$folder/upper" "$0/$folder/work"
    mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$0/$folder/upper,workdir=$0/$folder/work" "/$folder"
done
echo "{HOST} {REGISTRY}" >> /etc/hosts
touch "$0/ready"
exec sleep infinity
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A place with an /etc of its own, a registry by name, and a user there."""

    process: int
    home: Path
    registry: str

    def command(self, *arguments: str) -> list[str]:
        """Return a command that runs inside."""
        return ["nsenter", f"--mount=/proc/{self.process}/ns/mnt", f"--wd={self.home}", *arguments]

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run a program inside and return what it prints."""
        return run(self.command(*arguments), stdin=stdin)

    def name(self, client: str) -> str:
        """Return the name of the image that a client pulls."""
        return f"{self.registry}/trust/{client}:1"


def exercise_trust(pins: Pins, report: Report) -> None:
    """See every client refuse the server, run the command that it prints, and see every client verify it."""
    with report.step(CLIENT, "whole run"), tempfile.TemporaryDirectory(prefix="entrepot-trust-") as scratch:
        install_packages({name: pins.packages[name] for name in PACKAGES})
        helm = build_go("helm", pins.go["helm"])
        home = Path(scratch)
        image = _image(home / "image")
        with _server(home) as server, _machine(home, server) as machine:
            with report.step(CLIENT, "skopeo refuses the server before"):
                said = failure_of(lambda: _skopeo(machine, image))
                expect("unknown authority" in said, said)
            with report.step(CLIENT, "the printed command, as it is"):
                machine("sh", "-c", _printed(server))
                machine("sh", "-c", f"{_printed(server)} --for helm")
            trials: dict[str, Callable[[], None]] = {
                "skopeo pushes": lambda: _skopeo(machine, image),
                "podman pulls": lambda: _podman(machine),
                "docker pulls": lambda: _docker(machine),
                "containerd pulls": lambda: _containerd(machine),
                "helm pushes and pulls a chart": lambda: _helm(machine, helm),
                "curl reads": lambda: expect(
                    "ready" in machine("curl", "-sS", f"https://{machine.registry}/readyz"), ""
                ),
            }
            for name, trial in trials.items():
                with report.step(CLIENT, f"{name}, verified"):
                    trial()


@contextmanager
def _server(home: Path) -> Iterator[Server]:
    environment = {
        "ENTREPOT_SERVER__TLS__MODE": "auto",
        "ENTREPOT_SERVER__ALLOWED_HOSTS": json.dumps([REGISTRY, "localhost", HOST]),
    }
    server = launch_entrepot(home / "data", free_port(), PASSWORD, environment=environment)
    with stopping(server.process, server.log):
        wait_until(lambda: "docker push" in server.log.read_text(), "the greeting", server.process, server.log)
        yield server


@contextmanager
def _machine(home: Path, server: Server) -> Iterator[Machine]:
    """Hold a mount namespace with overlays until the block ends."""
    folder, log = home / "machine", home / "machine.log"
    folder.mkdir()
    run(["mount", "-t", "tmpfs", "tmpfs", str(folder)])
    try:
        isolated = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _OVERLAYS, str(folder)]
        process = launch(isolated, log)
        with stopping(process, log):
            wait_until((folder / "ready").exists, "the overlays", process, log)
            yield Machine(process.pid, home, f"{REGISTRY}:{server.authority.rpartition(':')[2]}")
    finally:
        run(["umount", str(folder)])


def _printed(server: Server) -> str:
    """Return the command that the server printed; a server that does not run as root puts sudo before it."""
    found = re.search(
        r"^  (?:sudo )?(\S+ trust https://\S+ --fingerprint sha256:[0-9a-f]{64})$", server.log.read_text(), re.MULTILINE
    )
    expect(found is not None, f"no command in\n{server.log.read_text()}")
    return found[1] if found else ""


def _image(path: Path) -> Path:
    layout = Layout(path)
    layout.create()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("trusted"))
    content = buffer.getvalue()
    layer = layout.add(LAYER_GZIP, [gzip.compress(content, mtime=0)])
    layout.name(add_image(layout, "amd64", [(layer, f"sha256:{hashlib.sha256(content).hexdigest()}")]), "image")
    return path


def _skopeo(machine: Machine, image: Path) -> None:
    for client in ("podman", "docker", "containerd"):
        user = f"--dest-creds=admin:{PASSWORD}"
        machine("skopeo", "copy", user, f"oci:{image}:image", f"docker://{machine.name(client)}")


def _podman(machine: Machine) -> None:
    home = machine.home / "podman"
    places = [f"--root={home / 'root'}", f"--runroot={home / 'run'}", f"--tmpdir={home / 'tmp'}"]
    quiet = ["--storage-driver=vfs", "--events-backend=none", "--cgroup-manager=cgroupfs"]
    machine("podman", *places, *quiet, "pull", f"--creds=admin:{PASSWORD}", machine.name("podman"))


def _docker(machine: Machine) -> None:
    home = machine.home / "docker"
    home.mkdir()
    (home / "daemon.json").write_text("{}")
    places = [f"--data-root={home / 'data'}", f"--exec-root={home / 'exec'}", f"--pidfile={home / 'pid'}"]
    address, log = f"--host=unix://{home / 'socket'}", home / "log"
    file = f"--config-file={home / 'daemon.json'}"
    process = launch(machine.command("/usr/sbin/dockerd", address, file, *places, *ISOLATION), log)
    with stopping(process, log):
        wait_until((home / "socket").exists, "dockerd to listen", process, log)
        client = (PROGRAM, address, f"--config={home / 'client'}")
        machine(*client, "login", "--username=admin", "--password-stdin", machine.registry, stdin=PASSWORD)
        machine(*client, "pull", machine.name("docker"))


def _containerd(machine: Machine) -> None:
    home = machine.home / "containerd"
    home.mkdir()
    (home / "config.toml").write_text(CONFIGURATION.format(home=home))
    log = home / "log"
    process = launch(machine.command("/usr/bin/containerd", "--config", str(home / "config.toml")), log)
    with stopping(process, log):
        wait_until((home / "socket").exists, "containerd to listen", process, log)
        flags = ("--hosts-dir=/etc/containerd/certs.d", f"--user=admin:{PASSWORD}", "--snapshotter=native")
        machine("ctr", f"--address={home / 'socket'}", "images", "pull", *flags, machine.name("containerd"))


def _helm(machine: Machine, helm: Path) -> None:
    chart = package_chart(machine.home)
    places = [f"HELM_{kind}_HOME={machine.home / 'helm' / kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")]
    program = ("env", *places, f"HELM_REGISTRY_CONFIG={machine.home / 'helm' / 'registry.json'}", str(helm))
    credentials = ("--username=admin", "--password-stdin")
    machine(*program, "registry", "login", *credentials, machine.registry, stdin=PASSWORD)
    machine(*program, "push", str(chart), f"oci://{machine.registry}/trust")
    machine(*program, "pull", f"oci://{machine.registry}/trust/{NAME}", f"--version={VERSION}", "--untar")
