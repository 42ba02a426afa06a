# SPDX-License-Identifier: Apache-2.0
"""The chart: linted, rendered for one node and for many, held to Kubernetes' schemas, and refusing what it should."""

import tempfile
from pathlib import Path

from tests.deploy.tools import CHART
from tests.deploy.tools import Document
from tests.deploy.tools import Tools
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.commands import run
from tests.interop.report import Report
from tests.server import ENTREPOT

VALUES = Path(__file__).with_name("values")
KUBERNETES = ("1.27", "1.37")
"""The oldest version that Chart.yaml allows, and the newest whose schema is at hand."""

OF_OPERATORS = {"ServiceMonitor", "PrometheusRule"}
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")

REFUSED = {
    "image.repository": (),
    "publicUrl": ("image.repository=a",),
    "trustedProxies": ("image.repository=a", "publicUrl=https://a"),
    "database.url": ("database.url=postgresql://entrepot:secret@db/entrepot",),
    "persistence.enabled=false": ("persistence.enabled=false",),
    "replicas": ("replicas=2",),
    "autoscaling": ("autoscaling.enabled=true",),
    "updateStrategy": ("updateStrategy=RollingUpdate",),
    "secretSettings": ("settings.ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD=secret",),
    "instanceKey.secretName": ("persistence.enabled=false", "database.url=postgresql://db/e", "storage.url=s3://b"),
    "additional properties": ("replica=2",),
    "at '/workers'": ("workers=0",),
    "at '/publicUrl'": ("publicUrl=https://a/b",),
    "at '/settings/ENTREPOT_LOGS__LEVEL'": ("settings.ENTREPOT_LOGS__LEVEL=7",),
    "'LEVEL' does not match": ("settings.LEVEL=debug",),
}
"""What is refused by naming what: values that are set, the least that is accepted before them."""

WITHOUT_THE_LEAST = ("image.repository", "publicUrl", "trustedProxies")


def check_chart(tools: Tools, report: Report) -> None:
    """Try everything about the chart."""
    for values in sorted(VALUES.glob("*.yaml")):
        with report.step("helm", f"lint with {values.name}"):
            run([str(tools.helm), "lint", "--strict", str(CHART), "--values", str(values)])
        with report.step("helm", f"what {values.name} renders"):
            documents = render(tools, values)
            _require_schemas(tools, documents)
            _require_confined(documents)
            _require_settings(documents)
    for told, settings in REFUSED.items():
        with report.step("helm", f"refuses: {told}"):
            _require_refusal(tools, told, settings)
    with report.step("helm", "packages the chart, with the rules and the dashboard in it"):
        _require_package(tools)


def render(tools: Tools, values: Path) -> list[Document]:
    """Return what the chart makes of values."""
    return tools.documents(run([str(tools.helm), "template", "registry", str(CHART), "--values", str(values)]))


def _require_schemas(tools: Tools, documents: list[Document]) -> None:
    """Hold what is Kubernetes' own to its schemas; what is of an operator has none here."""
    own = [each for each in documents if each["kind"] not in OF_OPERATORS]
    for version in KUBERNETES:
        tools.require_kubernetes(own, version)


def _require_confined(documents: list[Document]) -> None:
    """Look for what keeps a pod to itself, and for how it is told to be well."""
    (deployment,) = (each for each in documents if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    expect(pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, "it runs as root")
    expect(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", "it may use every system call")
    expect(pod["automountServiceAccountToken"] is False, "it has a token of Kubernetes")
    expect(pod["enableServiceLinks"] is False, "variables of services would be taken for settings")
    for container in pod["containers"]:
        security = container["securityContext"]
        expect(security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], f"{security}")
        expect(security["capabilities"] == {"drop": ["ALL"]}, "it keeps capabilities")
        expect(all(container[probe]["httpGet"] for probe in PROBES), "a probe is missing")
        names = [each["name"] for each in container["env"]]
        expect(len(names) == len(set(names)), f"a variable is there twice: {names}")
        stop = next(int(each["value"]) for each in container["env"] if each["name"] == "ENTREPOT_SERVER__STOP_SECONDS")
        expect(pod["terminationGracePeriodSeconds"] > stop, "it is killed before it has stopped")


def _require_settings(documents: list[Document]) -> None:
    """Have Entrepot read what the pods get, with something for each secret."""
    (deployment,) = (each for each in documents if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each.get("value", "redis://correct-horse-battery-staple") for each in container["env"]}
    run([str(ENTREPOT), "config", "check"], environment=given)


def _require_refusal(tools: Tools, told: str, settings: tuple[str, ...]) -> None:
    command = [str(tools.helm), "template", "registry", str(CHART)]
    if told not in WITHOUT_THE_LEAST:
        command += ["--values", str(VALUES / "one.yaml")]
    command += [word for setting in settings for word in ("--set", setting)]
    message = failure_of(lambda: run(command))
    expect(told in message, f"it should say {told}: {message}")


def _require_package(tools: Tools) -> None:
    with tempfile.TemporaryDirectory(prefix="entrepot-chart-") as scratch:
        run([str(tools.helm), "package", str(CHART), "--destination", scratch])
        (archive,) = Path(scratch).glob("entrepot-*.tgz")
        listed = run(["tar", "--list", "--file", str(archive)])
    expect("entrepot/files/alerts.yaml" in listed and "entrepot/files/dashboard.json" in listed, listed)
