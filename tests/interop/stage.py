# SPDX-License-Identifier: Apache-2.0
"""One server, the images that clients start from, and every act: each client's turn, and what is about all of them."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace

from tests.interop import answers
from tests.interop import huge
from tests.interop import interrupted
from tests.interop.clients.catalogue import CLIENTS
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import scratch_folder
from tests.interop.debian import add_debian
from tests.interop.images import build_images
from tests.interop.matrix import Matrix
from tests.interop.matrix import take_turn
from tests.interop.programs import provide
from tests.interop.report import Report
from tests.interop.scenarios import seed
from tests.interop.target import Bench
from tests.interop.target import Target
from tests.interop.tools import Pins
from tests.server import running_server

SEEDING = ("skopeo", "debootstrap")


def perform(names: Sequence[str], pins: Pins, report: Report, registry: Target | None = None) -> Matrix:
    """Give every named client its turn; once all of them had theirs, do what is not one client's.

    One server serves everything, so that each part finds what the others left: one started here, or `registry`, of
    which it is not known how much memory it takes.
    """
    matrix = Matrix(dict.fromkeys(names, "not tried"))
    with report.step("matrix", "whole run"), scratch_folder() as scratch:
        provide(SEEDING, pins)
        images = build_images(scratch / "images")
        add_debian(images)
        with _serving(registry) as (target, process):
            bench = Bench(target, images, scratch)
            with report.step("skopeo", "push what clients start from"):
                seed(Skopeo(bench))
            for name in names:
                take_turn(name, bench, pins, report, matrix)
            if set(names) == set(CLIENTS):
                programs, _ = provide(("crane", "regctl"), pins)
                bench = replace(bench, programs=programs)
                interrupted.exercise(bench, report)
                answers.exercise(bench, report)
                if process is not None:
                    huge.exercise(bench, report, process)
    return matrix


@contextmanager
def _serving(registry: Target | None) -> Iterator[tuple[Target, int | None]]:
    """Give the registry, or start one; with the id of its process if that is on this machine and ours."""
    if registry is not None:
        yield registry, None
        return
    with running_server() as server:
        yield Target(server.authority, server.user, server.password), server.process.pid
