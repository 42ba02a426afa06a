# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale`: status 1 unless everything holds on PostgreSQL as it does on SQLite."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

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

HOURS = 3 * 3_600
"""How many seconds a test on several nodes may take."""

DIRECT = {
    "traps": ["tests/scale/test_traps.py", "tests/scale/test_turns.py", "tests/scale/test_silence.py"],
    "nodes that wake each other": ["tests/scale/test_relay.py"],
    "TLS and passwords": ["tests/scale/test_connections.py"],
    "three nodes": ["tests/chaos/test_revocations_everywhere.py"],
    "rate limits in Redis": ["tests/scale/test_redis_counters.py"],
    "object stores": ["tests/scale/test_object_stores.py", "tests/scale/test_clouds.py"],
    "moving": ["tests/postgresql"],
    "migrations": ["tests/migrations"],
    "stores": ["tests/unit/infra", "tests/unit/registry"],
    "features": ["tests/unit/features"],
    "api": ["tests/api"],
    "protocol": ["tests/protocol"],
    "jobs": ["tests/contracts/jobs", "tests/contracts/database", "tests/chaos/test_killed_job_workers.py"],
}
ADOPTION = "adoption"
ON_S3 = {"storage": ["tests/contracts/storage"], "protocol": ["tests/protocol"]}
ON_CLOUDS = ["tests/contracts/storage"]
"""What is about bytes at Azure and at Google, as far as there are servers that do as those do."""

NODES = {
    "nodes-fresh": ["tests/scale/faults/test_fresh.py"],
    "nodes-uploads": ["tests/scale/faults/test_uploads.py"],
    "nodes-restarts": ["tests/scale/faults/test_restarts.py", "tests/scale/faults/test_start.py"],
    "nodes-outages": ["tests/scale/faults/test_outages.py", "tests/scale/faults/test_counting.py"],
    "nodes-clocks": ["tests/scale/faults/test_clocks.py"],
    "nodes-jobs": ["tests/scale/faults/test_jobs.py"],
}
THROUGH_BALANCER = ("conformance", "matrix")
"""What of `tests.interop` is done on three nodes, whichever of them a request comes to."""

POOLED = {"api": ["tests/api"], "protocol": ["tests/protocol"], "jobs": ["tests/contracts/jobs"]}


def main() -> int:
    """Run everything, or the parts that are named, print what came of it, and return the exit status."""
    report, wanted = Report(), set(sys.argv[1:])
    of_nodes = {*NODES, *THROUGH_BALANCER, "load"}
    with report.step("debian packages", "install"):
        of_adoption = distribution.PACKAGES if not wanted or ADOPTION in wanted else {}
        install_packages(PACKAGES | of_adoption | (BALANCER if not wanted or wanted & of_nodes else {}))
    if not wanted or wanted & {"object stores", ADOPTION, *(f"{name} on s3" for name in ON_S3)}:
        with report.step("object stores", "install"):
            object_stores.install()
    if report.failures:
        print(report.conclude())
        return 1
    with postgresql() as server, pgbouncer(server) as pooler:
        for name, paths in DIRECT.items():
            if not wanted or name in wanted:
                with report.step("postgresql", name):
                    _run_tests(paths, server)
        for name, paths in POOLED.items():
            if not wanted or f"pooled {name}" in wanted:
                with report.step("through pgbouncer", name):
                    _run_tests(paths, server, pooler)
    if not wanted or ADOPTION in wanted:
        with report.step("docker-registry", ADOPTION):
            _run_slowly(["tests/scale/test_adoption.py"])
    _on_s3(report, wanted)
    if not wanted or "object stores" in wanted:
        _on_clouds(report)
    _on_nodes(report, wanted)
    print(report.conclude())
    return 1 if report.failures else 0


def _on_s3(report: Report, wanted: set[str]) -> None:
    """Do what is about bytes on a real S3."""
    asked = {name: paths for name, paths in ON_S3.items() if not wanted or f"{name} on s3" in wanted}
    if asked:
        with object_stores.seaweedfs() as s3:
            for name, paths in asked.items():
                with report.step("seaweedfs", name):
                    _run_pytest(paths, {"ENTREPOT_TEST_S3": f"{s3.url} {s3.secret}"})


def _on_clouds(report: Report) -> None:
    """Do what is about bytes on Azurite and on fake-gcs-server."""
    with object_stores.azurite() as azure, report.step("azurite", "storage"):
        _run_pytest(ON_CLOUDS, {"ENTREPOT_TEST_AZURE": f"{azure.url} {azure.key}"})
    with object_stores.fake_gcs() as google, report.step("fake-gcs-server", "storage"):
        _run_pytest(ON_CLOUDS, {"ENTREPOT_TEST_GOOGLE": google})


def _on_nodes(report: Report, wanted: set[str]) -> None:
    """Do what takes several nodes, each of which has a database server of its own that may be stopped."""
    for name, paths in NODES.items():
        if not wanted or name in wanted:
            with report.step("three nodes", name):
                _run_slowly(paths)
    for what in THROUGH_BALANCER:
        if not wanted or what in wanted:
            with report.step("three nodes", what), TemporaryDirectory() as folder, cluster(Path(folder)) as nodes:
                registry = f"admin:{PASSWORD}@{nodes.authority}"
                _run([sys.executable, "-m", "tests.interop", what, "--registry", registry])
    if not wanted or "load" in wanted:
        with report.step("three nodes", "load"):
            _run([sys.executable, "-m", "tests.scale.load"])


def _run_slowly(paths: list[str]) -> None:
    """Run pytest on tests that take long, one after another."""
    _run([sys.executable, "-m", "pytest", "-q", "-o", f"faulthandler_timeout={HOURS}", *paths])


def _run(command: list[str]) -> None:
    """Run a program, which shows what it does. Raises `StepError` when it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise StepError(f"{' '.join(command[1:4])} failed, see above")


def _run_tests(paths: list[str], server: Place, pooler: Place | None = None) -> None:
    """Run pytest, which shows what it does. Raises `StepError` when a test fails."""
    variables = {"ENTREPOT_TEST_POSTGRESQL": server.url, "ENTREPOT_TEST_POOLER": pooler.url if pooler else ""}
    variables["ENTREPOT_TEST_AUTHORITY"] = str(server.folder / "root.crt")
    _run_pytest(paths, variables)


def _run_pytest(paths: list[str], variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-n", "auto", "-q", "-m", "not sqlite", *paths]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode:
        raise StepError(f"tests of {' and '.join(paths)} failed, see above")


if __name__ == "__main__":
    sys.exit(main())
