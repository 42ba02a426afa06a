# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.interop [all|conformance|roundtrip|tls|matrix [client ...]|proxied|buckets|readme]`.

The status is 1 unless everything worked.
"""

import argparse
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.acme import exercise_acme
from tests.interop.buckets import exercise_buckets
from tests.interop.clients import docker
from tests.interop.clients import podman
from tests.interop.clients import skopeo
from tests.interop.clients.catalogue import CLIENTS
from tests.interop.commands import expect
from tests.interop.commands import scratch_folder
from tests.interop.conformance import Suite
from tests.interop.core_alone import running_core
from tests.interop.images import build_images
from tests.interop.newest_suite import NewestSuite
from tests.interop.pinned_suite import PinnedSuite
from tests.interop.proxied import exercise_proxies
from tests.interop.readme import exercise_readme
from tests.interop.report import Report
from tests.interop.stage import perform
from tests.interop.target import Bench
from tests.interop.target import Target
from tests.interop.tools import Pins
from tests.interop.tools import build_newest
from tests.interop.tools import build_pinned
from tests.interop.tools import install_packages
from tests.interop.tools import load_pins
from tests.interop.trust import exercise_trust
from tests.server import running_server

WHAT = ("all", "conformance", "roundtrip", "tls", "matrix", "proxied", "buckets", "readme")
ROUNDTRIP: dict[str, Callable[[Bench, Report], None]] = {
    "skopeo": skopeo.exercise,
    "podman": podman.exercise,
    "dockerd": docker.exercise,
}
ROUNDTRIP_PACKAGES = ("skopeo", "podman", "docker.io")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; `registry` is a server that already runs, instead of one started here."""

    what: str
    clients: tuple[str, ...]
    pins: Pins
    is_newest: bool
    suite: Path | None
    registry: Target | None


def main(arguments: list[str]) -> int:
    """Run what is asked for, print the table and the evidence, and return the exit status."""
    options = _parse(arguments)
    report = Report()
    if options.what in ("all", "conformance"):
        _conformance(options, report)
    if options.what in ("all", "roundtrip"):
        _roundtrip(options, report)
    if options.what in ("all", "tls"):
        exercise_trust(options.pins, report)
        exercise_acme(options.pins, report)
    if options.what in ("all", "matrix"):
        print(f"\n{perform(options.clients, options.pins, report, options.registry).render()}")
    if options.what in ("all", "proxied"):
        exercise_proxies(options.pins, report)
    if options.what in ("all", "buckets"):
        exercise_buckets(report)
    if options.what in ("all", "readme"):
        exercise_readme(options.pins, report)
    print(report.conclude())
    return 1 if report.failures else 0


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=WHAT)
    parser.add_argument("clients", nargs="*", default=list(CLIENTS), help="clients of the matrix, instead of all")
    parser.add_argument("--newest", action="store_true", help="the newest conformance suite, not the pinned one")
    parser.add_argument("--suite", type=Path, help="the newest conformance suite, built already")
    parser.add_argument("--registry", help="test the plain-HTTP server USER:PASSWORD@HOST:PORT instead of Entrepot")
    parsed = parser.parse_args(arguments)
    if unknown := set(parsed.clients) - set(CLIENTS):
        parser.error(f"unknown clients: {', '.join(sorted(unknown))}; there are {', '.join(CLIENTS)}")
    registry = None
    if parsed.registry:
        credentials, _, authority = parsed.registry.rpartition("@")
        user, _, password = credentials.partition(":")
        registry = Target(authority, user, password)
    return Options(parsed.what, tuple(parsed.clients), load_pins(), parsed.newest, parsed.suite, registry)


def _conformance(options: Options, report: Report) -> None:
    """Run the suite against the core alone, then against the whole product with the administrator's credentials."""
    servers: dict[str, Callable[[], AbstractContextManager[Target]]] = {"product": lambda: _product(options)}
    if options.registry is None:
        servers = {"core alone": lambda: running_core(is_sparse=isinstance(suite, NewestSuite)), **servers}
    with report.step("conformance suite", "whole run"):
        suite = _suite(options)
        for name, server in servers.items():
            with report.step("conformance suite", f"every check passes: {name}"), server() as target:
                outcome = suite.check(target)
                print(f"{name}:\n{outcome.counts}")
                outcome.judge()


def _suite(options: Options) -> Suite:
    """Build the suite that is asked for."""
    pinned, newest = options.pins.pinned, options.pins.newest
    if options.suite or options.is_newest:
        return NewestSuite(options.suite or build_newest(newest), newest.least_passes)
    return PinnedSuite(build_pinned(pinned), pinned.specs, pinned.exceptions)


def _roundtrip(options: Options, report: Report) -> None:
    """Let every client push and pull real images; later ones pull what skopeo pushed."""
    with report.step("debian packages", "install"):
        install_packages({name: options.pins.packages[name] for name in ROUNDTRIP_PACKAGES})
    with (
        report.step("server", "serves all clients"),
        scratch_folder() as scratch,
    ):
        images = build_images(scratch / "images")
        with _product(options) as target:
            for exercise in ROUNDTRIP.values():
                exercise(Bench(target, images, scratch), report)
            failed = [row.client for row in report.failures if row.client in ROUNDTRIP]
            expect(not failed, f"{len(failed)} operations of clients failed")


@contextmanager
def _product(options: Options) -> Iterator[Target]:
    """Give the server that `--registry` names, or one started for this."""
    if options.registry:
        yield options.registry
        return
    with running_server() as server:
        yield Target(server.authority, server.user, server.password)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
