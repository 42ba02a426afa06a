# SPDX-License-Identifier: Apache-2.0
"""The conformance suite as a set of Ginkgo specs: several runs with different settings, so that every spec runs.

Some specs exclude each other in one run. The runs, in this order, so that nothing can be mounted when that matters:

* `prepare` lets the suite push what `read` then finds;
* `read` pulls and lists content that is there already, and mounts a blob that nobody has;
* `push` is everything, manifests deleted before their blobs;
* `blobs first` is everything, blobs deleted before their manifests.
"""

import base64
import hashlib
import http.client
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.interop.commands import StepError
from tests.interop.conformance import Outcome
from tests.interop.conformance import Problem
from tests.interop.conformance import run_program
from tests.interop.specs import Run
from tests.interop.specs import missing
from tests.interop.specs import read_run
from tests.interop.specs import total
from tests.interop.target import Target

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SUBJECT_TAG = "tagtest0"
"""What the suite's preparation calls the image that it pushes referrers to."""

OTHER_TAGS = "test0,test1,test2,test3"
WORKFLOWS = ("PULL", "PUSH", "CONTENT_DISCOVERY", "CONTENT_MANAGEMENT")
NO_SIGN_IN, BASIC, BEARER = "anonymous", "Basic", "Bearer"


@dataclass(frozen=True, slots=True)
class Setup:
    """What one run differs in: its name, its repository, the specs that it takes (all when empty) and settings."""

    name: str
    repository: str
    focus: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


PREPARE = Setup("prepare", "prepared", focus="Content Discovery Setup")
READ = Setup("read", "prepared", focus="Pull|Content Discovery|Cross-Repository Blob Mount")
PUSH = Setup("push", "pushed")
BLOBS_FIRST = Setup("blobs first", "blobs-first", settings={"OCI_DELETE_MANIFEST_BEFORE_BLOBS": "0"})
SETUPS = (PREPARE, READ, PUSH, BLOBS_FIRST)


@dataclass(frozen=True, slots=True)
class PinnedSuite:
    """The built program, how many specs it has, and the words of those that no run executes, with the reasons."""

    program: Path
    specs: int
    exceptions: Mapping[str, str]

    def check(self, target: Target) -> Outcome:
        """Do every run with every way to sign in that the target has, each on repositories of its own."""
        sign_ins = (BASIC, BEARER) if target.user else (NO_SIGN_IN,)
        runs: dict[str, list[Run]] = {sign_in: [] for sign_in in sign_ins}
        counts, problems = [], []
        for setup in SETUPS:
            for sign_in in sign_ins:
                run, tokens = self._run(setup, sign_in, target)
                runs[sign_in].append(run)
                counts.append(f"{run.counts}; {tokens} requests with a token")
                problems += run.problems
                if (tokens > 0) != (sign_in == BEARER):
                    problems.append(Problem(run.name, "sign-in", f"{tokens} requests carried a token"))
                if setup is PREPARE and problems:
                    return Outcome("\n".join(counts), tuple(problems))
        for sign_in, done in runs.items():
            counts.append(f"{sign_in}, all runs: {total(done)}, {len(self.exceptions)} excepted")
            problems += missing(done, self.specs, self.exceptions)
        return Outcome("\n".join(counts), tuple(problems))

    def _run(self, setup: Setup, sign_in: str, target: Target) -> tuple[Run, int]:
        """Do one run; return it and how many requests carried a bearer token."""
        repository = f"conformance/{sign_in.lower()}-{setup.repository}"
        settings = {**_settings(target, repository, sign_in), **setup.settings}
        if setup is READ:
            settings |= _prepared(target, repository)
        with tempfile.TemporaryDirectory(prefix="entrepot-conformance-") as scratch:
            report = Path(scratch) / "report.json"
            flags = ["--ginkgo.v", "--ginkgo.no-color", f"--ginkgo.json-report={report}"]
            output = run_program([self.program, *flags, f"--ginkgo.focus={setup.focus}"], settings, Path(scratch))
            return read_run(f"{sign_in}, {setup.name}", report, output), output.count("Authorization: Bearer ")


def _settings(target: Target, repository: str, sign_in: str) -> dict[str, str]:
    """Return what every run is told.

    The suite signs in as the challenge asks, which is with a token; credentials in the address make its HTTP
    client send Basic ones with the first request already.
    """
    address = f"{target.user}:{target.password}@{target.authority}" if sign_in == BASIC else target.authority
    credentials = {"OCI_USERNAME": target.user, "OCI_PASSWORD": target.password} if sign_in == BEARER else {}
    return {
        **{f"OCI_TEST_{workflow}": "1" for workflow in WORKFLOWS},
        **credentials,
        "OCI_ROOT_URL": f"http://{address}",
        "OCI_NAMESPACE": repository,
        "OCI_CROSSMOUNT_NAMESPACE": f"{repository}-mounted",
        "OCI_AUTOMATIC_CROSSMOUNT": "1",
        "OCI_DEBUG": "1",
        "OCI_REPORT_DIR": "none",
    }


def _prepared(target: Target, repository: str) -> dict[str, str]:
    """Return the settings that name the content of `PREPARE`, as the registry has it."""
    headers = {"Accept": MANIFEST}
    if target.user:
        credentials = base64.b64encode(f"{target.user}:{target.password}".encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"
    connection = http.client.HTTPConnection(target.authority, timeout=30)
    try:
        connection.request("GET", f"/v2/{repository}/manifests/{SUBJECT_TAG}", headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise StepError(f"{repository}:{SUBJECT_TAG} was not prepared: {answer.status} {content[:500]!r}")
    return {
        "OCI_TAG_NAME": SUBJECT_TAG,
        "OCI_MANIFEST_DIGEST": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "OCI_BLOB_DIGEST": json.loads(content)["config"]["digest"],
        "OCI_TAG_LIST": OTHER_TAGS,
    }
