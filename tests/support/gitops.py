"""A GitOps repository as teams lay them out, and the registry events that change it."""

from datetime import UTC, datetime, timedelta
from typing import Any

REGISTRY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
BEGUN = datetime(2026, 1, 2, tzinfo=UTC)
# Applications live at apps/<project>-<environment>/<application>/<file>.yaml, several documents a file.
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      serviceAccountName: {name}
      containers:
        - name: {name}
          image: {registry}/team/{name}:{tag}  # whoever pushes writes here
          ports: [{{containerPort: 8080}}]
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: {name}
spec:
  hosts: ["{name}.example.com"]
  http: [{{route: [{{destination: {{host: {name}}}}}]}}]
"""


def path(name: str, environment: str, project: str = "shop") -> str:
    return f"apps/{project}-{environment}/{name}/{name}.yaml"


def manifest(name: str, tag: str) -> str:
    return MANIFEST.format(name=name, tag=tag, registry=REGISTRY)


def repository(name: str) -> str:
    return f"{REGISTRY}/team/{name}"


def digest(name: str, tag: str) -> str:
    return "sha256:" + f"{name}:{tag}".encode().hex().rjust(64, "0")[-64:]


def ecr(name: str, tag: str, minute: int, **detail: Any) -> dict[str, Any]:
    """The event of a push, as EventBridge sends it, so many minutes after the beginning."""
    return {
        "version": "0",
        "id": f"{name}-{tag}-{minute}",
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": "123456789012",
        "time": (BEGUN + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "ap-northeast-2",
        "resources": [],
        "detail": {
            "result": "SUCCESS",
            "action-type": "PUSH",
            "repository-name": f"team/{name}",
            "image-digest": digest(name, tag),
            "image-tag": tag,
            **detail,
        },
    }
