# SPDX-License-Identifier: Apache-2.0
"""cosign: signs with a key pair; a signing configuration without services, so no log and no time stamp is asked for.

It would fetch Sigstore's roots from the internet. An empty trusted root keeps it from that, and a proxy where nothing
listens shows that it does not try: connections to loopback addresses never take the proxy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.target import Bench

PLAIN = "--allow-http-registry"
NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Cosign:
    """The cosign program, with a key pair and a Docker configuration of its own."""

    bench: Bench

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run cosign and return what it prints."""
        environment = {
            "COSIGN_PASSWORD": "key",
            "DOCKER_CONFIG": str(self.bench.scratch / "docker"),
            "TUF_ROOT": str(self.bench.scratch / "tuf"),
            "HTTPS_PROXY": NOWHERE,
        }
        return run([str(self.bench.programs["cosign"]), *arguments], environment=environment, stdin=stdin)

    def _file(self, name: str) -> str:
        return str(self.bench.scratch / name)

    def prepare(self) -> None:
        """Make the key pair and both configurations, which are empty."""
        self("generate-key-pair", f"--output-key-prefix={self._file('key')}")
        self("signing-config", "create", f"--out={self._file('services.json')}")
        self("trusted-root", "create", f"--out={self._file('roots.json')}")

    @property
    def _signing(self) -> list[str]:
        key = f"--key={self._file('key.key')}"
        services = f"--signing-config={self._file('services.json')}"
        return [key, services, f"--trusted-root={self._file('roots.json')}", PLAIN, "--yes"]

    def login(self, password: str) -> None:
        """Keep the credentials; cosign does not ask the registry whether they are good."""
        target = self.bench.target
        self("login", f"--username={target.user}", "--password-stdin", target.authority, stdin=password)

    def sign(self, name: str) -> None:
        """Push a signature whose subject is the image."""
        self("sign", *self._signing, name)

    def verify(self, name: str) -> None:
        """Find a signature of the key."""
        roots = f"--trusted-root={self._file('roots.json')}"
        self("verify", f"--key={self._file('key.pub')}", "--insecure-ignore-tlog", roots, PLAIN, name)

    def attach(self, name: str, file: Path) -> None:
        """Push a signed statement about the image."""
        self("attest", *self._signing, "--type=custom", f"--predicate={file}", name)

    def discover(self, name: str) -> str:
        """Show the tree of referrers."""
        return self("tree", PLAIN, name)

    def copy(self, source: str, destination: str) -> None:
        """Copy every platform, and signatures where there are any."""
        self("copy", PLAIN, source, destination)

    republish = copy


@contextmanager
def start(bench: Bench) -> Iterator[Cosign]:
    """Make cosign ready."""
    cosign = Cosign(bench)
    cosign.prepare()
    yield cosign
