# SPDX-License-Identifier: Apache-2.0
"""notation: signs with a key and certificate of its own; logs in only with a credential helper, so it gets one."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import run
from tests.interop.target import Bench

HELPER = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
case $1 in
    store) cat > credentials ;;
    get) cat credentials 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
    erase) rm -f credentials ;;
esac
"""
"""What Docker's protocol asks of a program that keeps credentials, here in a file beside it."""

KEY = "interop"
POLICY = {
    "name": "all",
    "registryScopes": ["*"],
    "signatureVerification": {"level": "strict"},
    "trustStores": [f"ca:{KEY}"],
    "trustedIdentities": ["*"],
}


@dataclass(frozen=True, slots=True)
class Notation:
    """The notation program, with a configuration, key and credentials of its own."""

    bench: Bench

    @property
    def _home(self) -> Path:
        return self.bench.scratch / "notation"

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run notation and return what it prints."""
        environment = {
            "XDG_CONFIG_HOME": str(self.bench.scratch),
            "XDG_CACHE_HOME": str(self.bench.scratch / "cache"),
            "DOCKER_CONFIG": str(self._home),
            "PATH": f"{self._home}:{os.environ['PATH']}",
        }
        return run([str(self.bench.programs["notation"]), *arguments], environment=environment, stdin=stdin)

    def prepare(self) -> None:
        """Make the credential helper, a key, and the policy that trusts its certificate."""
        self._home.mkdir()
        helper = self._home / "docker-credential-file"
        helper.write_text(HELPER)
        helper.chmod(0o755)
        (self._home / "config.json").write_text(json.dumps({"credsStore": "file"}))
        self("certificate", "generate-test", "--default", KEY)
        policies = {"version": "1.0", "trustPolicies": [POLICY]}
        (self._home / "trustpolicy.json").write_text(json.dumps(policies))

    def login(self, password: str) -> None:
        """Log in with Basic credentials."""
        target = self.bench.target
        flags = ["--insecure-registry", f"--username={target.user}", "--password-stdin"]
        self("login", *flags, target.authority, stdin=password)

    def sign(self, name: str) -> None:
        """Push a signature whose subject is the image."""
        self("sign", "--insecure-registry", name)

    def verify(self, name: str) -> None:
        """Find a signature that the policy trusts."""
        self("verify", "--insecure-registry", name)


@contextmanager
def start(bench: Bench) -> Iterator[Notation]:
    """Make notation ready."""
    notation = Notation(bench)
    notation.prepare()
    yield notation
