"""What Signalbox counts of itself, in Prometheus' terms, in a registry of its own for each process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.engine import Answered, Counts

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "signalbox_deliveries", "Webhook deliveries by event and outcome.", ["event", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self._unrecorded = Counter(
            "signalbox_deliveries_unrecorded",
            "Webhook deliveries that the ledger will never know of, for it was away.",
            registry=self.registry,
        )
        self._answers = Counter(
            "signalbox_answers",
            "Answered questions by kind and outcome.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "signalbox_answer_seconds",
            "How long an answer took.",
            ["kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._questions = Gauge(
            "signalbox_questions",
            "Questions by state: queued, running, parked.",
            ["state"],
            registry=self.registry,
        )

    def delivery(self, event: str, outcome: str) -> None:
        """Count a delivery."""
        self._deliveries.labels(event, outcome).inc()

    def unrecorded(self, count: int) -> None:
        """Count deliveries that the ledger does not know of."""
        self._unrecorded.inc(count)

    def answered(self, answered: Answered) -> None:
        """Count an answer."""
        kind = answered.question.kind
        self._answers.labels(kind, answered.outcome).inc()
        self._seconds.labels(kind).observe(answered.seconds)

    def render(self, counts: Counts | None) -> bytes:
        """Return the text format, with the queue as it is now; None where this process has no queue."""
        if counts is not None:
            self._questions.labels("queued").set(counts.queued)
            self._questions.labels("running").set(counts.running)
            self._questions.labels("parked").set(counts.parked)
        return generate_latest(self.registry)
