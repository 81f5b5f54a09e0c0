"""Traces and metrics by OTLP/HTTP, where an operator asks for them; else nothing leaves.

A span holds which operation was asked for and how it ended: its attributes are chosen one by one,
for the framework also notes addresses and queries, which may name a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from secrets import token_hex
from threading import Thread
from time import monotonic
from typing import Self

from fastapi.telemetry import TelemetryConfig
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation, set_meter_provider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, Status, get_current_span
from sqlalchemy.exc import SQLAlchemyError

from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.store.outbox import counts
from models.store.workload import workload

OPERATION = "rotations.operation"

ATTRIBUTES = frozenset(
    {
        OPERATION,
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.version",
        "url.scheme",
    }
)
"""What a span may say."""

SEND_SECONDS = 3.0
"""How long one parcel of telemetry may take."""

CLOSING_SECONDS = 2.0
"""How long the last parcels may take when the process ends."""


class Telemetry:
    """Where measurements of a process go.

    Parameters
    ----------
    spans
        Takes what has been traced.
    reader
        Asks for metrics, and takes them.
    """

    def __init__(self, spans: SpanExporter, reader: MetricReader) -> None:
        resource = Resource.create(
            {
                "service.name": "rotations",
                "service.version": version("rotations"),
                "service.instance.id": token_hex(8),
            }
        )
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._tracers.add_span_processor(BatchSpanProcessor(Discreet(spans)))
        self._meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._meter = self._meters.get_meter("rotations")

    @classmethod
    def to(cls, endpoint: str) -> Self:
        """Return the telemetry that goes to a receiver's address by OTLP/HTTP."""
        root = endpoint.rstrip("/")
        spans = OTLPSpanExporter(f"{root}/v1/traces", timeout=SEND_SECONDS)
        metrics = OTLPMetricExporter(f"{root}/v1/metrics", timeout=SEND_SECONDS)
        return cls(spans, PeriodicExportingMetricReader(metrics))

    @property
    def of_requests(self) -> TelemetryConfig:
        """How the framework traces and counts requests."""
        return NO_TELEMETRY | TelemetryConfig(
            tracing=True,
            metrics=True,
            tracer_provider=self._tracers,
            meter_provider=self._meters,
        )

    def watch(self, database: Database) -> None:
        """Measure from now on how many plans and notices wait, are in work, or were given up."""
        for name in ("queued", "running"):
            self._meter.create_observable_gauge(
                f"rotations.plans.{name}",
                [partial(_observed, database, name)],
                unit="{plan}",
                description=f"Plans that are {name}, by all workers together.",
            )
        for state in ("waiting", "failed"):
            self._meter.create_observable_gauge(
                f"rotations.notices.{state}",
                [partial(_kept, database, state)],
                unit="{notice}",
                description=f"Notices that are {state}.",
            )

    def take_measures(self) -> None:
        """Take what `api.measures` measures in this process, from now on."""
        set_meter_provider(self._meters)

    def close(self) -> None:
        """Send what is left, unless it takes too long."""
        ends = [
            Thread(target=provider.shutdown, daemon=True)
            for provider in (self._tracers, self._meters)
        ]
        for end in ends:
            end.start()
        deadline = monotonic() + CLOSING_SECONDS
        for end in ends:
            end.join(max(0.0, deadline - monotonic()))


@contextmanager
def measuring(settings: Settings) -> Iterator[Telemetry | None]:
    """Send telemetry until the block ends, where an operator asks for it."""
    telemetry = Telemetry.to(settings.telemetry_endpoint) if settings.telemetry_endpoint else None
    if telemetry is not None:
        telemetry.take_measures()
    try:
        yield telemetry
    finally:
        if telemetry is not None:
            telemetry.close()


NO_TELEMETRY = TelemetryConfig(
    tracing=False,
    metrics=False,
    logs=False,  # they hold what exceptions say
    operation_spans=False,
    auto_configure=False,
)
"""How the framework is told to be silent, whatever the environment says."""


class Discreet(SpanExporter):
    """Lets of each span only pass what `ATTRIBUTES` names."""

    def __init__(self, following: SpanExporter) -> None:
        self._following = following

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans on."""
        return self._following.export([_stripped(span) for span in spans])

    def shutdown(self) -> None:
        """Send no more."""
        self._following.shutdown()


def _stripped(span: ReadableSpan) -> ReadableSpan:
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=_own(span.context),
        parent=_own(span.parent),
        resource=span.resource,
        attributes={name: attributes[name] for name in ATTRIBUTES & attributes.keys()},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _own(context: SpanContext | None) -> SpanContext | None:
    """Return a span's ids without the caller's `tracestate`, which may say anything."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def name_operation(operation: str | None) -> None:
    """Note in the current span, if there is one, which operation was asked for."""
    if operation is not None:
        get_current_span().set_attribute(OPERATION, operation)


def _observed(database: Database, name: str, _options: CallbackOptions) -> Iterable[Observation]:
    """Yield a figure of the workload; none while the database does not answer."""
    with suppress(SQLAlchemyError), database.reading(EVERYTHING) as session:
        yield Observation(getattr(workload(session), name))


def _kept(database: Database, state: str, _options: CallbackOptions) -> Iterable[Observation]:
    """Yield how many notices are in a state; none while the database does not answer."""
    with suppress(SQLAlchemyError), database.reading(EVERYTHING) as session:
        yield Observation(counts(session)[state])
