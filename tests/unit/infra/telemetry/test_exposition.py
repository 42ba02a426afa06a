# SPDX-License-Identifier: Apache-2.0
"""Measurements become text that Prometheus reads."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from entrepot.infra.telemetry.exposition import expose
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
REQUESTS = Metric("entrepot_requests", "Requests.", Kind.COUNTER, ("endpoint", "method"))
OPEN = Metric("entrepot_open", "Open now.", Kind.GAUGE)
SECONDS = Metric("entrepot_seconds", "Seconds.", Kind.HISTOGRAM, ("endpoint",), (0.5, 1.0))
WORD = st.text(max_size=8)


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Parse the Prometheus text format: values by name and labels."""
    found = (sample for family in parse_prometheus(text) for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}


def test_what_several_processes_counted_is_added_up() -> None:
    """Numbers of the same metric with the same labels are one number."""
    counted = [Measurement(REQUESTS, [2], ("blob", "GET")), Measurement(OPEN, [1]), Measurement(OPEN, [4])]
    text, _ = expose([*counted, Measurement(REQUESTS, [3], ("blob", "GET"))], "")

    assert samples(text.decode()) == {
        ("entrepot_requests_total", (("endpoint", "blob"), ("method", "GET"))): 5,
        ("entrepot_open", ()): 5,
    }


def test_the_buckets_of_a_histogram_are_cumulative() -> None:
    """A bucket counts everything up to its bound, the last one everything."""
    text, _ = expose([Measurement(SECONDS, [3, 2, 1, 4.5], ("blob",))], "")
    found = samples(text.decode())
    buckets = [
        found["entrepot_seconds_bucket", (("endpoint", "blob"), ("le", bound))] for bound in ("0.5", "1.0", "+Inf")
    ]

    assert buckets == [3, 5, 6]
    assert found["entrepot_seconds_sum", (("endpoint", "blob"),)] == 4.5
    assert found["entrepot_seconds_count", (("endpoint", "blob"),)] == 6


@given(
    counts=st.dictionaries(st.tuples(WORD, WORD), st.integers(0, 2**53), max_size=4),
    buckets=st.lists(st.integers(0, 1000), min_size=3, max_size=3),
    total=st.floats(0, 1e9),
)
def test_both_grammars_are_kept(counts: dict[tuple[str, str], int], buckets: list[int], total: float) -> None:
    """Whatever the labels hold, parsers of both formats read back what was measured."""
    measured = [Measurement(REQUESTS, [float(value)], labels) for labels, value in counts.items()]
    measured.append(Measurement(SECONDS, [*buckets, total], ("blob",)))
    plain, plain_type = expose(measured, "text/plain")
    open_text, open_type = expose(measured, OPENMETRICS)
    families = parse_openmetrics(open_text.decode())  # type: ignore[no-untyped-call]
    read = [sample for family in families for sample in family.samples]

    assert plain_type.startswith("text/plain")
    assert open_type.startswith("application/openmetrics-text")
    assert {(s.name, tuple(sorted(s.labels.items()))): s.value for s in read} == samples(plain.decode())
    assert sorted(s.value for s in read if s.name == "entrepot_requests_total") == sorted(map(float, counts.values()))


def test_nothing_measured_is_no_text() -> None:
    """An empty exposition is valid too."""
    assert expose([], "")[0] == b""
