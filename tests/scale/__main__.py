# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale [PART …]`: status 1 unless everything holds on servers as it does in a folder.

That is on PostgreSQL, with and without a pooler, on a real S3, and on several nodes that share both.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from tests.interop.commands import StepError
from tests.interop.report import Report
from tests.interop.tools import install_packages
from tests.scale import distribution
from tests.scale import object_stores
from tests.scale.balancer import PACKAGES as BALANCER
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import cluster
from tests.scale.servers import PACKAGES
from tests.scale.servers import Place
from tests.scale.servers import pgbouncer
from tests.scale.servers import postgresql
from tests.server import ROOT

T = TypeVar("T")

HOURS = 3 * 3_600
"""How many seconds a test on several nodes may take."""

DIRECT = {
    "traps": ["tests/scale/test_traps.py", "tests/scale/test_turns.py", "tests/scale/test_silence.py"],
    "nodes that wake each other": ["tests/scale/test_relay.py"],
    "TLS and passwords": ["tests/scale/test_connections.py"],
    "three nodes": ["tests/chaos/test_revocations_everywhere.py"],
    "rate limits in Redis": ["tests/scale/test_redis_counters.py"],
    "events in NATS": ["tests/scale/test_sinks.py"],
    "object stores": ["tests/scale/test_object_stores.py", "tests/scale/test_clouds.py"],
    "moving": ["tests/postgresql"],
    "migrations": ["tests/migrations"],
    "stores": ["tests/unit/infra", "tests/unit/registry"],
    "features": ["tests/unit/features"],
    "api": ["tests/api"],
    "protocol": ["tests/protocol"],
    "jobs": ["tests/contracts/jobs", "tests/contracts/database", "tests/chaos/test_killed_job_workers.py"],
}
ON_S3 = {"storage on s3": ["tests/contracts/storage"], "protocol on s3": ["tests/protocol"]}
WORKLOADS_ON_S3 = {"collection on s3": ["tests.collection"], "crash on s3": ["tests.crash", "--pushes", "100"]}
ON_CLOUDS = ["tests/contracts/storage"]
"""What is about bytes at Azure and at Google, as far as there are servers that do as those do."""

ADOPTION = {"adoption": ["tests/scale/test_adoption.py"]}
NODES = {
    "nodes-fresh": ["tests/scale/faults/test_fresh.py"],
    "nodes-uploads": ["tests/scale/faults/test_uploads.py"],
    "nodes-restarts": ["tests/scale/faults/test_restarts.py", "tests/scale/faults/test_start.py"],
    "nodes-outages": ["tests/scale/faults/test_outages.py", "tests/scale/faults/test_counting.py"],
    "nodes-clocks": ["tests/scale/faults/test_clocks.py"],
    "nodes-jobs": ["tests/scale/faults/test_jobs.py"],
}
ON_A_FOLDER = {"nodes-folder": NODES["nodes-uploads"]}
"""What nodes promise each other about a folder rests on its locks, and not on a bucket's conditions."""

THROUGH_BALANCER = ("conformance", "matrix")
"""What of `tests.interop` is done on three nodes, whichever of them a request comes to."""

POOLED = {"pooled api": ["tests/api"], "pooled protocol": ["tests/protocol"], "pooled jobs": ["tests/contracts/jobs"]}

KILLED = {
    "delivery": ("tests.scale.delivery", "postgresql"),
    "delivery-sqlite": ("tests.scale.delivery", "sqlite"),
    "copying": ("tests.scale.copying", "postgresql"),
    "copying-sqlite": ("tests.scale.copying", "sqlite"),
}
"""What is killed in the middle of its work: on three nodes with a PostgreSQL server, and on one with SQLite."""

OF_NODES = {*NODES, *ON_A_FOLDER, *THROUGH_BALANCER, "nodes-schedule", "load"}
OF_OBJECT_STORES = {"object stores", *ADOPTION, *ON_S3, *WORKLOADS_ON_S3, *OF_NODES} - {*ON_A_FOLDER}
PARTS = {*DIRECT, *POOLED, *KILLED, *OF_NODES, *OF_OBJECT_STORES}


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts that are to be done, and for how many seconds those take that never end by themselves."""

    parts: Collection[str]
    load_seconds: float
    schedule_seconds: float
    workload_seconds: float
    killed_seconds: float

    def of(self, named: Mapping[str, T]) -> dict[str, T]:
        """Return those that are to be done."""
        return {name: what for name, what in named.items() if name in self.parts}


def main(arguments: list[str]) -> int:
    """Run everything, or the parts that are named, print what came of it, and return the exit status."""
    plan, report = _parse(arguments), Report()
    parts = set(plan.parts)
    with report.step("debian packages", "install"):
        of_adoption = distribution.PACKAGES if parts & {*ADOPTION} else {}
        install_packages(PACKAGES | of_adoption | (BALANCER if parts & OF_NODES else {}))
    if parts & OF_OBJECT_STORES:
        with report.step("seaweedfs", "install"):
            object_stores.install_seaweedfs()
    if "object stores" in parts:
        with report.step("object stores", "install"):
            object_stores.install()
    if not report.failures:
        _on_servers(report, plan)
        _on_s3(report, plan)
        _on_clouds(report, plan)
        _under_kills(report, plan)
        _on_nodes(report, plan)
    print(report.conclude())
    return 1 if report.failures else 0


def _parse(arguments: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these: {', '.join(sorted(PARTS))}")
    parser.add_argument("--load-seconds", type=float, default=1_800, help="how long thousands of clients work")
    parser.add_argument("--schedule-seconds", type=float, default=240, help="how long faults happen")
    parser.add_argument("--workload-seconds", type=float, default=60, help="how long a workload on S3 goes on")
    parser.add_argument("--killed-seconds", type=float, default=180, help="how long nodes are killed in each place")
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - PARTS:
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(sorted(PARTS))}")
    parts = given.parts or sorted(PARTS)
    return Plan(parts, given.load_seconds, given.schedule_seconds, given.workload_seconds, given.killed_seconds)


def _on_clouds(report: Report, plan: Plan) -> None:
    """Do what is about bytes on Azurite and on fake-gcs-server."""
    if "object stores" not in plan.parts:
        return
    with object_stores.azurite() as azure, report.step("azurite", "storage"):
        _run_pytest(ON_CLOUDS, {"ENTREPOT_TEST_AZURE": f"{azure.url} {azure.key}"})
    with object_stores.fake_gcs() as google, report.step("fake-gcs-server", "storage"):
        _run_pytest(ON_CLOUDS, {"ENTREPOT_TEST_GOOGLE": google})


def _on_servers(report: Report, plan: Plan) -> None:
    """Do what tests of the package do, on a PostgreSQL server."""
    direct, pooled = plan.of(DIRECT), plan.of(POOLED)
    if not direct and not pooled:
        return
    with postgresql() as server, pgbouncer(server) as pooler:
        for name, paths in direct.items():
            with report.step("postgresql", name):
                _run_tests(paths, server)
        for name, paths in pooled.items():
            with report.step("through pgbouncer", name):
                _run_tests(paths, server, pooler)


def _on_s3(report: Report, plan: Plan) -> None:
    """Do what is about bytes on a real S3; what is collected there on a PostgreSQL server too."""
    for name, paths in plan.of(ADOPTION).items():
        with report.step("docker-registry", name):
            _run([sys.executable, "-m", "pytest", "-q", "-o", f"faulthandler_timeout={HOURS}", *paths])
    tested, workloads = plan.of(ON_S3), plan.of(WORKLOADS_ON_S3)
    if not tested and not workloads:
        return
    with object_stores.seaweedfs() as s3:
        variables = {"ENTREPOT_TEST_S3": f"{s3.url} {s3.secret}"}
        for name, paths in tested.items():
            with report.step("seaweedfs", name):
                _run_pytest(paths, variables)
        for name, words in workloads.items():
            command = [sys.executable, "-m", *words, "--seconds", str(plan.workload_seconds)]
            with report.step("seaweedfs", name):
                _run(command, variables)
        if "collection on s3" in workloads:
            with report.step("seaweedfs", "collection on s3, with postgresql"), postgresql() as server:
                told = {**variables, "ENTREPOT_TEST_POSTGRESQL": server.url}
                _run([sys.executable, "-m", "tests.collection", "--seconds", str(plan.workload_seconds)], told)


def _on_nodes(report: Report, plan: Plan) -> None:
    """Do what takes several nodes, each of which has a database server of its own that may be stopped."""
    for storing, named in (("bucket", plan.of(NODES)), ("folder", plan.of(ON_A_FOLDER))):
        for name, paths in named.items():
            command = [sys.executable, "-m", "pytest", "-q", "-s", "-o", f"faulthandler_timeout={HOURS}", *paths]
            with report.step("three nodes", name):
                _run(command, {"ENTREPOT_TEST_STORING": storing})
    for what in THROUGH_BALANCER:
        if what in plan.parts:
            with report.step("three nodes", what), _folder() as folder, cluster(Path(folder)) as nodes:
                registry = f"admin:{PASSWORD}@{nodes.authority}"
                _run([sys.executable, "-m", "tests.interop", what, "--registry", registry])
    for name, module, seconds in (
        ("nodes-schedule", "tests.scale.schedule", plan.schedule_seconds),
        ("load", "tests.scale.load", plan.load_seconds),
    ):
        if name in plan.parts:
            with report.step("three nodes", name):
                _run([sys.executable, "-m", module, "--seconds", str(seconds)])


def _under_kills(report: Report, plan: Plan) -> None:
    """Do what nodes are killed in the middle of, that take no more than PostgreSQL."""
    for name, (module, where) in plan.of(KILLED).items():
        with report.step("three nodes" if where == "postgresql" else "one node", name):
            _run([sys.executable, "-m", module, "--on", where, "--seconds", str(plan.killed_seconds)])


def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="entrepot-scale-")


def _run(command: list[str], variables: Mapping[str, str] | None = None) -> None:
    """Run a program, which shows what it does. Raises `StepError` when it fails."""
    if subprocess.run(command, cwd=ROOT, env={**os.environ, **(variables or {})}, check=False).returncode:
        raise StepError(f"{' '.join(command[1:])} failed, see above")


def _run_tests(paths: list[str], server: Place, pooler: Place | None = None) -> None:
    """Run pytest, which shows what it does. Raises `StepError` when a test fails."""
    variables = {"ENTREPOT_TEST_POSTGRESQL": server.url, "ENTREPOT_TEST_POOLER": pooler.url if pooler else ""}
    variables["ENTREPOT_TEST_AUTHORITY"] = str(server.folder / "root.crt")
    _run_pytest(paths, variables)


def _run_pytest(paths: list[str], variables: dict[str, str]) -> None:
    _run([sys.executable, "-m", "pytest", "-n", "auto", "-q", "-m", "not sqlite", *paths], variables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
