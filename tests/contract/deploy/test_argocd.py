"""D12: Argo CD passes over a key that it does not know and a name that leads nowhere: ours are known."""

import json
import re
from collections.abc import Iterator
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
    phase: str | None = "Succeeded", health: str = "Healthy", message: str = "synced"
) -> dict[str, Any]:
    """An application as Argo CD keeps it; without a phase it was never synced."""
    operation = {
        "phase": phase,
        "finishedAt": "2026-03-01T09:30:00Z",
        "message": message,
        "syncResult": {"revision": "8f3c"},
    }
    return {
        "metadata": {"name": "shop-prod", "namespace": "argocd"},
        "status": {
            "sync": {"status": "Synced", "revision": "8f3c"},
            "health": {"status": health},
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


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (application(), {"on-deployed"}),
        (application(health="Progressing"), set()),
        (application(health="Degraded"), {"on-health-degraded"}),
        (application("Failed"), {"on-sync-failed"}),
        (application("Error"), {"on-sync-failed"}),
        (application("Failed", "Degraded"), {"on-sync-failed", "on-health-degraded"}),
        (application("Running"), set()),
        (application(None), set()),
        (application(None, "Degraded"), set()),
    ],
)
def test_the_triggers_fire_when_they_should(app: dict[str, Any], expected: set[str]) -> None:
    # These expressions mean the same in Argo CD's language and in Jinja's.
    expressions = Environment(autoescape=True)
    fired = {
        name
        for name, conditions in sections(config())[2].items()
        for condition in conditions
        if expressions.compile_expression(condition["when"])(app=app, nil=None)
    }
    assert fired == expected


def test_each_trigger_fires_once_a_revision_that_was_synced() -> None:
    conditions = [one for trigger in sections(config())[2].values() for one in trigger]
    assert {one["oncePer"] for one in conditions} == {REVISION}
    assert f".{REVISION}" in FIELDS


def test_the_applications_of_signalbox_are_its_overlays() -> None:
    spec = read(ARGOCD / "applicationset.yaml")["spec"]
    (generator,) = spec["generators"]
    named = {element["environment"] for element in generator["list"]["elements"]}
    assert named == {folder.name for folder in (DEPLOY / "overlays").iterdir()}
    assert spec["template"]["spec"]["source"]["path"] == "deploy/overlays/{{ .environment }}"
