"""D12: Argo CD passes over a key that it does not know and a name that leads nowhere: ours are known."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from jinja2 import Environment
from support.manifests import DEPLOY, kubectl, parsed, read

ARGOCD = DEPLOY / "argocd"
SUBSCRIPTION = "notifications.argoproj.io/subscribe."
REVISION = "app.status.operationState.syncResult.revision"
# What Argo CD publishes of an application, and Signalbox reads.
FIELDS = {
    ".app.metadata.name",
    ".app.status.sync.status",
    ".app.status.sync.revision",
    ".app.status.health.status",
    ".app.status.operationState.phase",
    ".app.status.operationState.finishedAt",
    ".app.status.operationState.message",
    ".app.status.operationState.syncResult.revision",
    ".app.status.summary.images",
}
VALUE = re.compile(r"\{\{ toJson (\.[\w.]+) \}\}")


def config() -> dict[str, str]:
    data: dict[str, str] = read(ARGOCD / "notifications.yaml")["data"]
    return data


def annotations() -> dict[str, dict[str, str]]:
    """The annotations of each application that we ship."""
    one = read(ARGOCD / "application.yaml")["metadata"]
    many = read(ARGOCD / "applicationset.yaml")["spec"]["template"]["metadata"]
    return {one["name"]: one["annotations"], many["name"]: many["annotations"]}


def sections(data: dict[str, str]) -> tuple[set[str], dict[str, Any], dict[str, Any]]:
    """Services, templates and triggers by name, as the engine finds them: by singular prefixes alone."""

    def named(prefix: str) -> dict[str, Any]:
        return {
            key.removeprefix(prefix): parsed(text) for key, text in data.items() if key.startswith(prefix)
        }

    # `service.<type>.<name>`, or `service.<type>` whose name is its type
    services = {key.rpartition(".")[2] for key in data if key.startswith("service.")}
    return services, named("template."), named("trigger.")


def faults(data: dict[str, str], subscribed: dict[str, dict[str, str]]) -> Iterator[str]:
    """What the engine would pass over in silence, or fail at when it is too late."""
    services, templates, triggers = sections(data)
    for key in data:
        if not key.startswith(("service.", "template.", "trigger.")):
            yield f"{key}: expected a key that begins with service., template. or trigger."
    for name, conditions in triggers.items():
        if isinstance(conditions, list):
            sent = {template for condition in conditions for template in condition["send"]}
            yield from (f"trigger.{name}: no template {template}" for template in sent - templates.keys())
        else:
            yield f"trigger.{name}: expected a list of conditions"
    for name, template in templates.items():
        yield from (f"template.{name}: no service {one}" for one in template["webhook"].keys() - services)
    for application, trigger, service in subscriptions(subscribed):
        yield from [f"{application}: no trigger {trigger}"] if trigger not in triggers else []
        yield from [f"{application}: no service {service}"] if service not in services else []


def subscriptions(subscribed: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(application, trigger, service) of each annotation `subscribe.<trigger>.<service>`."""
    for application, notes in subscribed.items():
        for note in notes:
            if note.startswith(SUBSCRIPTION):
                trigger, _, service = note.removeprefix(SUBSCRIPTION).partition(".")
                yield application, trigger, service


def test_argo_cd_understands_every_key_and_every_name_leads_somewhere() -> None:
    assert list(faults(config(), annotations())) == []
    services, templates, triggers = sections(config())
    assert services == {"signalbox"}
    assert set(templates) == {"signalbox-state"}
    assert set(triggers) == {"on-deployed", "on-health-degraded", "on-sync-failed"}


def test_every_application_subscribes_to_every_trigger() -> None:
    expected = {f"{SUBSCRIPTION}{trigger}.signalbox" for trigger in sections(config())[2]}
    assert {name: set(notes) for name, notes in annotations().items()} == {
        "shop-dev": expected,
        "signalbox-{{ .environment }}": expected,
    }


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "trigger.on-deployed",
            "triggers.on-deployed",
            ["triggers.on-deployed: expected a key that begins with service., template. or trigger.",
             "shop-dev: no trigger on-deployed"],
        ),
        (
            "template.signalbox-state",
            "templates.signalbox-state",
            ["templates.signalbox-state: expected a key that begins with service., template. or trigger.",
             "trigger.on-sync-failed: no template signalbox-state"],
        ),
        (
            "service.webhook.signalbox",
            "services.webhook.signalbox",
            ["services.webhook.signalbox: expected a key that begins with service., template. or trigger.",
             "template.signalbox-state: no service signalbox", "shop-dev: no service signalbox"],
        ),
        (
            "service.webhook.signalbox",
            "service.webhook.signal-box",
            ["template.signalbox-state: no service signalbox", "shop-dev: no service signalbox"],
        ),
    ],
)  # fmt: skip
def test_a_plural_or_misspelt_key_is_found(old: str, new: str, found: list[str]) -> None:
    broken = {new if key == old else key: text for key, text in config().items()}
    assert set(found) <= set(faults(broken, annotations()))


def test_a_trigger_that_is_no_list_is_found() -> None:
    broken = config() | {"trigger.on-deployed": "when: app.status.health.status == 'Healthy'"}
    assert list(faults(broken, annotations())) == ["trigger.on-deployed: expected a list of conditions"]


def test_it_posts_to_signalbox_with_the_secret_of_the_notifications() -> None:
    service = parsed(config()["service.webhook.signalbox"])
    assert {header["name"]: header["value"] for header in service["headers"]} == {
        "Content-Type": "application/json",
        "X-Signalbox-Token": "$signalbox-token",
    }
    webhook = parsed(config()["template.signalbox-state"])["webhook"]["signalbox"]
    assert (webhook["method"], webhook["path"]) == ("POST", "/webhooks/argocd")


# The body, and when it is sent


def application(
    phase: str | None = "Succeeded",
    health: str = "Healthy",
    message: str = "synced",
    since: str | None = "2026-03-01T09:30:00Z",
) -> dict[str, Any]:
    """An application as Argo CD keeps it; without a phase it was never synced.

    `since` is when its health changed, None where Argo CD does not say so.
    """
    operation = {
        "phase": phase,
        "startedAt": "2026-03-01T09:29:00Z",
        "finishedAt": "2026-03-01T09:30:00Z",
        "message": message,
        "syncResult": {"revision": "8f3c"},
    }
    return {
        "metadata": {"name": "shop-prod", "namespace": "argocd"},
        "status": {
            "sync": {"status": "Synced", "revision": "8f3c"},
            "health": {"status": health, "lastTransitionTime": since},
            "operationState": operation if phase else None,
            "summary": {"images": ["registry.example.com/shop:v1.4.0", "registry.example.com/proxy:v2"]},
        },
    }


def body() -> str:
    text: str = parsed(config()["template.signalbox-state"])["webhook"]["signalbox"]["body"]
    return text


def at(path: str, app: dict[str, Any]) -> Any:
    """What a path leads to; whatever comes after something that is absent is absent too."""
    found: Any = {"app": app}
    for name in path.removeprefix(".").split("."):
        found = (found or {}).get(name)
    return found


def rendered(app: dict[str, Any]) -> Any:
    return json.loads(VALUE.sub(lambda value: json.dumps(at(value[1], app)), body()))


def test_the_body_holds_the_published_fields_and_each_is_written_as_json() -> None:
    assert set(VALUE.findall(body())) == FIELDS
    assert "{{" not in VALUE.sub("", body())


@pytest.mark.parametrize(
    "app",
    [application(), application("Failed", message='expected "v1"\nfound \\ {{ .app }}'), application(None)],
    ids=["deployed", "hostile message", "never synced"],
)
def test_the_body_has_each_field_where_the_application_has_it(app: dict[str, Any]) -> None:
    sent = rendered(app)["app"]
    assert {path: at(path, sent) for path in FIELDS} == {path: at(path, app) for path in FIELDS}


@pytest.mark.parametrize("status", [application()["status"], {}], ids=["deployed", "without a status"])
def test_go_finds_its_way_through_the_body(status: dict[str, Any]) -> None:
    # kubectl has Go's templates, without the `toJson` that Argo CD adds to them
    known = body().replace("toJson", 'printf "%v"')
    given = {"apiVersion": "v1", "kind": "Any", "metadata": {"name": "any"}}
    app = {"app": {"metadata": {"name": "shop-prod"}, "status": status}}
    written = kubectl(
        "annotate",
        "--local",
        "-f",
        "-",
        "seen=yes",
        "-o",
        f"go-template={known}",
        given=json.dumps(given | app),
    )
    assert '{"name": shop-prod}' in written
    assert ('"phase": Succeeded' if status else '"phase": <nil>') in written


class Time:
    """`time` as Argo CD's expressions have it (notifications: "Functions")."""

    def __init__(self, at: str) -> None:
        self.at = datetime.fromisoformat(at)

    Parse = classmethod(lambda cls, at: cls(at))

    def Before(self, other: "Time") -> bool:  # noqa: N802 - as Go has it
        return self.at < other.at


class Engine:
    """What Argo CD tells of one application that changes, as its engine decides it (notifications-engine).

    A condition with `oncePer` is told of once for each of its values, any other one whenever it becomes true.
    """

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def sees(self, app: dict[str, Any]) -> set[str]:
        """The triggers that fire now."""
        return {
            name
            for name, conditions in sections(config())[2].items()
            for index, condition in enumerate(conditions)
            if self._fires(f"{name} {index}", condition, app)
        }

    def _fires(self, name: str, condition: dict[str, str], app: dict[str, Any]) -> bool:
        # These expressions mean the same in Argo CD's language and in Jinja's.
        language = Environment(autoescape=True)
        known = {"app": app, "nil": None, "time": Time}
        if not language.compile_expression(condition["when"], undefined_to_none=True)(**known):
            self._told.discard((name, ""))
            return False
        per = condition.get("oncePer")
        told = (name, str(language.compile_expression(per)(**known)) if per else "")
        is_new = told not in self._told
        self._told.add(told)
        return is_new


@pytest.mark.parametrize("since", ["2026-03-01T09:30:00Z", None], ids=["since", "older Argo CD"])
@pytest.mark.parametrize(
    ("phase", "health", "expected"),
    [
        ("Succeeded", "Healthy", {"on-deployed"}),
        ("Succeeded", "Progressing", set()),
        ("Succeeded", "Degraded", {"on-health-degraded"}),
        ("Failed", "Healthy", {"on-sync-failed"}),
        ("Error", "Healthy", {"on-sync-failed"}),
        ("Failed", "Degraded", {"on-sync-failed"}),
        ("Running", "Healthy", set()),
        ("Running", "Degraded", set()),
        (None, "Healthy", set()),
        (None, "Degraded", set()),
    ],
)
def test_the_triggers_fire_when_they_should(
    phase: str | None, health: str, expected: set[str], since: str | None
) -> None:
    assert Engine().sees(application(phase, health, since=since)) == expected


@pytest.mark.parametrize("health", ["Healthy", "Degraded"])
@pytest.mark.parametrize(
    ("since", "fires"),
    [
        ("2026-03-01T09:28:59Z", False),
        ("2026-03-01T09:29:00Z", True),  # as it began
        ("2026-03-01T09:29:40Z", True),  # while a hook was still running
        ("2026-03-01T09:31:00Z", True),
    ],
)
def test_d8_the_health_of_before_the_sync_is_not_told(health: str, since: str, fires: bool) -> None:
    assert bool(Engine().sees(application(health=health, since=since))) is fires


@pytest.mark.parametrize("dated", [True, False], ids=["since", "older Argo CD"])
def test_what_was_told_too_early_is_told_again(dated: bool) -> None:
    """The sync was quick, and the pods of before were still counted as healthy."""
    engine = Engine()
    changes = [("Healthy", "29:10"), ("Progressing", "30:10"), ("Healthy", "31:10"), ("Healthy", "31:10")]
    apps = [
        application(health=health, since=f"2026-03-01T09:{at}Z" if dated else None) for health, at in changes
    ]
    assert [engine.sees(app) for app in apps] == [{"on-deployed"}, set(), {"on-deployed"}, set()]


def test_each_trigger_tells_once_of_what_happened_to_a_revision() -> None:
    conditions = [one for trigger in sections(config())[2].values() for one in trigger]
    assert {one["oncePer"] for one in conditions if "oncePer" in one} == {
        REVISION,
        f"{REVISION} + ' ' + app.status.health.lastTransitionTime",
    }
    assert f".{REVISION}" in FIELDS


def test_the_applications_of_signalbox_are_its_overlays() -> None:
    spec = read(ARGOCD / "applicationset.yaml")["spec"]
    (generator,) = spec["generators"]
    named = {element["environment"] for element in generator["list"]["elements"]}
    assert named == {folder.name for folder in (DEPLOY / "overlays").iterdir()}
    assert spec["template"]["spec"]["source"]["path"] == "deploy/overlays/{{ .environment }}"
