# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale`: status 1 unless everything holds on PostgreSQL as it does on SQLite."""

import os
import subprocess
import sys

from tests.interop.commands import StepError
from tests.interop.report import Report
from tests.interop.tools import install_packages
from tests.scale import object_stores
from tests.scale.servers import PACKAGES
from tests.scale.servers import Place
from tests.scale.servers import pgbouncer
from tests.scale.servers import postgresql
from tests.server import ROOT

DIRECT = {
    "traps": ["tests/scale/test_traps.py", "tests/scale/test_turns.py", "tests/scale/test_silence.py"],
    "TLS and passwords": ["tests/scale/test_connections.py"],
    "three nodes": ["tests/chaos/test_revocations_everywhere.py"],
    "rate limits in Redis": ["tests/scale/test_redis_counters.py"],
    "object stores": ["tests/scale/test_object_stores.py"],
    "moving": ["tests/postgresql"],
    "migrations": ["tests/migrations"],
    "stores": ["tests/unit/infra", "tests/unit/registry"],
    "features": ["tests/unit/features"],
    "api": ["tests/api"],
    "protocol": ["tests/protocol"],
    "jobs": ["tests/contracts/jobs", "tests/contracts/database", "tests/chaos/test_killed_job_workers.py"],
}
ON_S3 = {"storage": ["tests/contracts/storage"], "protocol": ["tests/protocol"]}
POOLED = {"api": ["tests/api"], "protocol": ["tests/protocol"], "jobs": ["tests/contracts/jobs"]}


def main() -> int:
    """Run everything, or the parts that are named, print what came of it, and return the exit status."""
    report, wanted = Report(), set(sys.argv[1:])
    with report.step("debian packages", "install"):
        install_packages(PACKAGES)
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
    if any(not wanted or f"{name} on s3" in wanted for name in ON_S3):
        with object_stores.seaweedfs() as s3:
            for name, paths in ON_S3.items():
                if not wanted or f"{name} on s3" in wanted:
                    with report.step("seaweedfs", name):
                        _run(paths, {"ENTREPOT_TEST_S3": f"{s3.url} {s3.secret}"})
    print(report.conclude())
    return 1 if report.failures else 0


def _run_tests(paths: list[str], server: Place, pooler: Place | None = None) -> None:
    """Run pytest, which shows what it does. Raises `StepError` when a test fails."""
    variables = {"ENTREPOT_TEST_POSTGRESQL": server.url, "ENTREPOT_TEST_POOLER": pooler.url if pooler else ""}
    variables["ENTREPOT_TEST_AUTHORITY"] = str(server.folder / "root.crt")
    _run(paths, variables)


def _run(paths: list[str], variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-n", "auto", "-q", "-m", "not sqlite", *paths]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode:
        raise StepError(f"tests of {' and '.join(paths)} failed, see above")


if __name__ == "__main__":
    sys.exit(main())
