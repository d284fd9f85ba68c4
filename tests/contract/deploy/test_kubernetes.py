"""Signalbox on Kubernetes: each overlay as kustomize builds it, against Kubernetes and against the code."""

import asyncio
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
from support.manifests import DEPLOY, Resource, built, of_kind, pods

from bot.cli.parser import parser
from bot.compose import ENGINE_GRACE_SECONDS, REQUEST_GRACE_SECONDS
from bot.settings import Settings
from service.web.health import routes

ENVIRONMENTS = sorted(folder.name for folder in (DEPLOY / "overlays").iterdir())
LARGE = ["prod", "stage"]
SETTINGS = {str(field.alias): str(field.annotation) for field in Settings.model_fields.values()}
SECRETS = {name for name, kind in SETTINGS.items() if "SecretStr" in kind}
# Who has no such feed or registry gives no token for it.
OPTIONAL = ("ECR_SECRET", "REGISTRY_SECRET", "ARGOCD_SECRET", "PACKAGES_TOKEN")
OLDEST = "1.30"

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def container(pod: Resource) -> Resource:
    (only,) = pod["spec"]["containers"]
    found: Resource = only
    return found


def selected(labels: dict[str, str], environment: str) -> list[str]:
    """What makes pods of these labels."""
    return [
        name for name, pod in pods(built(environment)) if labels.items() <= pod["metadata"]["labels"].items()
    ]


def test_there_is_an_overlay_for_each_environment() -> None:
    assert ENVIRONMENTS == ["dev", "prod", "stage", "test"]


# the others differ from these in names and numbers alone
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_kubernetes_accepts_every_resource(environment: str) -> None:
    published = [
        one for one in built(environment) if not one["apiVersion"].startswith("networking.istio.io/")
    ]
    assert len(published) == len(built(environment)) - 1
    for one in published:
        kubernetes_validate.validate(one, OLDEST, strict=True)


def test_a_resource_that_kubernetes_refuses_is_found() -> None:
    (budget, *_) = of_kind(built("prod"), "PodDisruptionBudget")
    with pytest.raises(kubernetes_validate.ValidationError, match="atMost"):
        kubernetes_validate.validate(budget | {"spec": {"atMost": 1}}, OLDEST, strict=True)


@each_environment
def test_every_pod_is_hardened(environment: str) -> None:
    for name, pod in pods(built(environment)):
        spec, own = pod["spec"], container(pod)["securityContext"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }, name
        assert {"requests", "limits"} <= container(pod)["resources"].keys(), name
    (account,) = of_kind(built(environment), "ServiceAccount")
    assert account["automountServiceAccountToken"] is False


def test_the_user_of_the_pods_is_that_of_the_image() -> None:
    dockerfile = (DEPLOY.parent / "Dockerfile").read_text("utf-8")
    users = {pod["spec"]["securityContext"]["runAsUser"] for _, pod in pods(built("prod"))}
    assert [f"USER {user}" in dockerfile.splitlines() for user in users] == [True]


@each_environment
def test_every_setting_is_one_of_ours_and_secrets_come_from_the_secret(environment: str) -> None:
    for _, pod in pods(built(environment)):
        for variable in container(pod)["env"]:
            assert variable["name"] in SETTINGS
            if "valueFrom" in variable:
                source = {"name": "signalbox", "key": variable["name"]}
                key = dict(variable["valueFrom"]["secretKeyRef"])
                assert key.pop("optional", False) == variable["name"].endswith(OPTIONAL)
                assert key == source
            else:
                assert variable["name"] not in SECRETS
    (config,) = of_kind(built(environment), "ConfigMap")
    assert config["data"].keys() <= SETTINGS.keys() - SECRETS
    Settings.model_validate(config["data"])


def test_each_role_gets_what_it_needs_and_no_more() -> None:
    needed = {
        name: {variable["name"] for variable in container(pod)["env"]} for name, pod in pods(built("prod"))
    }
    assert needed == {
        "signalbox-bot": {
            "GITHUB_APP_ID",
            "GITHUB_PACKAGES_TOKEN",
            "GITHUB_PRIVATE_KEY_PATH",
            "GITHUB_WEBHOOK_SECRET",
            "SIGNALBOX_ARGOCD_SECRET",
            "SIGNALBOX_DATABASE_URL",
            "SIGNALBOX_ECR_SECRET",
            "SIGNALBOX_ENGINE_URL",
            "SIGNALBOX_REGISTRY_SECRET",
        },
        "signalbox-service": {
            "GITHUB_CLIENT_ID",
            "GITHUB_CLIENT_SECRET",
            "SIGNALBOX_DATABASE_URL",
            "SIGNALBOX_SESSION_SECRET",
        },
        "signalbox-migration": {"SIGNALBOX_DATABASE_URL"},
    }


def test_the_commands_are_those_of_signalbox() -> None:
    for name, pod in pods(built("prod")):
        arguments = parser().parse_args(container(pod)["args"])
        if name == "signalbox-migration":
            assert (arguments.module, arguments.action) == ("bot.cli.db", "upgrade")
        else:
            assert (arguments.module, f"signalbox-{arguments.role}") == ("bot.cli.serve", name)


async def test_the_probes_ask_what_every_role_answers() -> None:
    answered = {route.path for route in routes({}, asyncio.Future[bytes])}
    for deployment in of_kind(built("prod"), "Deployment"):
        own = container(deployment["spec"]["template"])
        asked = {
            kind: own[kind]["httpGet"]["path"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        }
        assert asked == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        assert set(asked.values()) <= answered
        assert own["ports"] == [{"name": "http", "containerPort": Settings.model_fields["port"].default}]


def test_a_pod_has_the_time_that_it_needs_to_end() -> None:
    for deployment in of_kind(built("prod"), "Deployment"):
        pod = deployment["spec"]["template"]
        pause = container(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
        needed = pause + REQUEST_GRACE_SECONDS + ENGINE_GRACE_SECONDS
        assert needed < pod["spec"]["terminationGracePeriodSeconds"]


@each_environment
def test_everything_that_is_named_is_there(environment: str) -> None:
    resources = built(environment)
    deployments = {one["metadata"]["name"] for one in of_kind(resources, "Deployment")}
    for service in of_kind(resources, "Service"):
        assert selected(service["spec"]["selector"], environment) == [service["metadata"]["name"]]
        assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]
    for budget in of_kind(resources, "PodDisruptionBudget"):
        labels = budget["spec"]["selector"]["matchLabels"]
        assert selected(labels, environment) == [budget["metadata"]["name"]]
    for scaler in of_kind(resources, "HorizontalPodAutoscaler"):
        assert scaler["spec"]["scaleTargetRef"]["name"] in deployments
    (config,) = of_kind(resources, "ConfigMap")
    for deployment in of_kind(resources, "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        (source,) = container({"spec": spec})["envFrom"]
        assert source == {"configMapRef": {"name": config["metadata"]["name"]}}
        assert spec["serviceAccountName"] == "signalbox"


@each_environment
def test_webhooks_reach_the_bot_people_the_control_room_and_figures_nobody(environment: str) -> None:
    (routing,) = of_kind(built(environment), "VirtualService")
    webhooks, hidden, rest = routing["spec"]["http"]
    services = {one["metadata"]["name"] for one in of_kind(built(environment), "Service")}
    assert webhooks["match"] == [{"uri": {"prefix": "/webhooks/"}}]
    assert {match["uri"]["exact"] for match in hidden["match"]} == {"/metrics", "/healthz", "/readyz"}
    assert hidden["directResponse"] == {"status": 404}
    assert "match" not in rest
    named = [route["route"][0]["destination"] for route in (webhooks, rest)]
    assert [one["host"] for one in named] == ["signalbox-bot", "signalbox-service"]
    assert {one["host"] for one in named} == services
    assert {one["port"]["number"] for one in named} == {80}


@each_environment
def test_the_migration_waits_for_nothing_that_comes_after_it(environment: str) -> None:
    (job,) = of_kind(built(environment), "Job")
    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": "PreSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    }
    pod = job["spec"]["template"]
    # the account and the ConfigMap are applied after it; the Secret stood before
    assert "serviceAccountName" not in pod["spec"]
    assert "envFrom" not in container(pod)
    # the labels of no Service: a migration gets no requests
    component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
    assert component == "migration"


@each_environment
def test_an_overlay_says_what_is_its_own(environment: str) -> None:
    resources = built(environment)
    assert {one["metadata"]["namespace"] for one in resources} == {f"signalbox-{environment}"}
    (config,) = of_kind(resources, "ConfigMap")
    (routing,) = of_kind(resources, "VirtualService")
    assert routing["spec"]["hosts"] == [urlsplit(config["data"]["SIGNALBOX_PUBLIC_URL"]).hostname]
    images = {container(pod)["image"] for _, pod in pods(resources)}
    assert images == {"registry.example.com/signalbox:v0.1.0"}
    large = {one["kind"] for one in of_kind(resources, "HorizontalPodAutoscaler", "PodDisruptionBudget")}
    assert large == ({"HorizontalPodAutoscaler", "PodDisruptionBudget"} if environment in LARGE else set())


def test_no_two_environments_share_an_address() -> None:
    hosts = [of_kind(built(one), "VirtualService")[0]["spec"]["hosts"][0] for one in ENVIRONMENTS]
    assert len(set(hosts)) == len(ENVIRONMENTS)
