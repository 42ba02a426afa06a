# SPDX-License-Identifier: Apache-2.0
"""How requests that write to a bucket went, and how often they had to be sent again."""

from collections.abc import Iterator

from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

REQUESTS = Metric(
    "entrepot_bucket_requests",
    "Requests to the bucket but for those that read, by the first digit of the last answer; none if there was none.",
    Kind.COUNTER,
    ("request", "status"),
)
SECONDS = Metric(
    "entrepot_bucket_request_seconds",
    "Time until they were answered for good, with every pause before they were sent again.",
    Kind.HISTOGRAM,
    ("request",),
    (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0),
)
RETRIES = Metric(
    "entrepot_bucket_retries",
    "How often they were sent again: because the bucket wants fewer (throttled), failed, or was not reached.",
    Kind.COUNTER,
    ("reason",),
)

THROTTLED, FAILED, UNREACHABLE = "throttled", "failed", "unreachable"
_ASKS_FOR_FEWER = (429, 503)
_NAMES = {
    ("PUT", ""): "put",
    ("PUT", "partNumber"): "part",
    ("POST", "uploads"): "begin",
    ("POST", "uploadId"): "complete",
    ("POST", "restore"): "restore",
    ("DELETE", ""): "delete",
    ("DELETE", "uploadId"): "abort",
    ("HEAD", ""): "head",
    ("GET", "uploads"): "list_uploads",
    ("PUT", "block"): "part",
    ("PUT", "blocklist"): "complete",
    ("GET", "blocklist"): "list_uploads",
}
"""By the method, and the first parameter of the query, or what it is of where it is `comp`, as Azure has it."""


def name_of(method: str, query: Query) -> str:
    """Return what a request is called."""
    parameters = dict(query)
    parameter = parameters.get("comp", next(iter(parameters), ""))
    return _NAMES.get((method, parameter), "other")


class Tally:
    """What one process asked of its bucket."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], int] = {}
        self._seconds: dict[str, Histogram] = {}
        self._retries = dict.fromkeys((THROTTLED, FAILED, UNREACHABLE), 0)

    def ended(self, request: str, status: int, seconds: float) -> None:
        """Count a request that was answered for good; with status 0 it never was."""
        labels = request, f"{status // 100}xx" if status else "none"
        self._answers[labels] = self._answers.get(labels, 0) + 1
        histogram = self._seconds.get(request)
        if histogram is None:
            histogram = self._seconds[request] = Histogram(SECONDS.bounds)
        histogram.observe(seconds)

    def repeated(self, status: int) -> None:
        """Count a request that is sent again after such an answer; with status 0 there was none."""
        reason = THROTTLED if status in _ASKS_FOR_FEWER else FAILED if status else UNREACHABLE
        self._retries[reason] += 1

    def measure(self) -> Iterator[Measurement]:
        """Yield what was counted."""
        for labels, count in tuple(self._answers.items()):
            yield Measurement(REQUESTS, [count], labels)
        for request, seconds in tuple(self._seconds.items()):
            yield Measurement(SECONDS, seconds.values, (request,))
        for reason, count in self._retries.items():
            yield Measurement(RETRIES, [count], (reason,))
