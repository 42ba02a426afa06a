# SPDX-License-Identifier: Apache-2.0
"""Measurements as Prometheus and OpenMetrics read them."""

from collections.abc import Iterable
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as MetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric


def expose(measurements: Iterable[Measurement], accept: str) -> tuple[bytes, str]:
    """Render measurements in a format that the `Accept` header names; return it with its media type.

    Measurements of one metric with the same labels are added up.
    """
    registry = CollectorRegistry()
    registry.register(_Families(_added_up(measurements)))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


def _added_up(measurements: Iterable[Measurement]) -> dict[Metric, dict[tuple[str, ...], list[float]]]:
    sums: dict[Metric, dict[tuple[str, ...], list[float]]] = {}
    for metric, values, labels in measurements:
        by_labels = sums.setdefault(metric, {})
        before = by_labels.get(labels)
        by_labels[labels] = values if before is None else [a + b for a, b in zip(before, values, strict=True)]
    return sums


class _Families(Collector):
    """Hands measurements to the encoders."""

    def __init__(self, sums: dict[Metric, dict[tuple[str, ...], list[float]]]) -> None:
        self._sums = sums

    def describe(self) -> Iterable[MetricFamily]:
        return ()

    def collect(self) -> Iterator[MetricFamily]:
        for metric, by_labels in sorted(self._sums.items(), key=lambda item: item[0].name):
            yield _family(metric, by_labels)


def _family(metric: Metric, by_labels: dict[tuple[str, ...], list[float]]) -> MetricFamily:
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, (*counts, total) in sorted(by_labels.items()):
            bounds = [*map(floatToGoString, metric.bounds), "+Inf"]
            histogram.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)
        return histogram
    simple = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = simple(metric.name, metric.help, labels=metric.labels)
    for labels, (value,) in sorted(by_labels.items()):
        family.add_metric(labels, value)
    return family
