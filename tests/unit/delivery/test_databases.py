"""What manifests name databases by."""

import pytest

from bot.delivery.databases import crossings, referrals
from bot.delivery.yaml_text import Unreadable
from bot.rules.facts import Referred
from bot.rules.shipping import Database, Databases

DATABASES = Databases(
    dummy=Database(reset=True, hosts=("dev-*",), secrets=("*-dev",)),
    real=Database(reset=False, hosts=("*.prod.internal", "prod-db"), secrets=("*-prod", "prod/**")),
)
POD = """\
spec:
  containers:
    - name: web
      image: registry.prod.internal/prod-db:1.2.3
      args: [--host=prod-db, --port=3306]
      env:
        - {name: DB_HOST, value: orders.prod.internal}
        - name: DB_PASSWORD
          valueFrom: {secretKeyRef: {name: shop-prod, key: password}}
      envFrom:
        - secretRef: {name: all-prod}
        - configMapRef: {name: shop-prod}
  initContainers:
    - {name: migrate, env: [{name: URL, value: "mysql://shop:s3cret@prod-db:3306/shop"}]}
  volumes:
    - {name: a, secret: {secretName: files-prod}}
    - {name: b, projected: {sources: [{secret: {name: more-prod}}]}}
  imagePullSecrets: [{name: pull-prod}]
"""
FOUND = [
    ("prod-db", 5),
    ("orders.prod.internal", 7),
    ("shop-prod", 9),
    ("all-prod", 11),
    ("prod-db", 14),
    ("files-prod", 16),
    ("more-prod", 17),
]


def named(text: str) -> list[tuple[str, int]]:
    """What must not be reached from an environment with dummy databases."""
    return [(each.referral.name, each.referral.line) for each in crossings(text, DATABASES, "dummy")]


def indented(text: str, depth: int) -> str:
    return "".join(f"{'  ' * depth}{line}" for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("Pod", []),
        ("Deployment", ["spec:", "template:"]),
        ("StatefulSet", ["spec:", "template:"]),
        ("DaemonSet", ["spec:", "template:"]),
        ("ReplicaSet", ["spec:", "template:"]),
        ("Job", ["spec:", "template:"]),
        ("Rollout", ["spec:", "template:"]),
        ("CronJob", ["spec:", "jobTemplate:", "spec:", "template:"]),
    ],
)
def test_workloads_of_every_kind_are_looked_through(kind: str, before: list[str]) -> None:
    head = f"kind: {kind}\n" + "".join(f"{'  ' * depth}{line}\n" for depth, line in enumerate(before))
    text = head + indented(POD, len(before))
    shift = len(before) + 1
    assert named(text) == [(name, line + shift) for name, line in FOUND]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: ConfigMap\ndata: {HOST: prod-db}\n", [("prod-db", 2)]),
        ("kind: ConfigMap\ndata:\n  a.ini: |\n    [db]\n    host = prod-db\n", [("prod-db", 5)]),
        ("kind: ConfigMap\ndata:\n  a: >-\n    one\n    prod-db\n", [("prod-db", 3)]),
        ("kind: ConfigMap\r\ndata:\r\n  a: |\r\n    x\r\n    prod-db\r\n", [("prod-db", 5)]),
        ("kind: Service\nspec: {type: ExternalName, externalName: prod-db}\n", [("prod-db", 2)]),
        ("kind: Kustomization\nconfigMapGenerator:\n- literals: [HOST=prod-db]\n", [("prod-db", 3)]),
        ("kind: Kustomization\nsecretGenerator:\n- name: a-prod\n", [("a-prod", 3)]),
        ("db: {host: PROD-DB, existingSecret: a-prod}\n", [("PROD-DB", 1), ("a-prod", 1)]),
        ("db: {secret: a-prod}\n", [("a-prod", 1)]),
        ("kind: List\nitems:\n- {kind: ConfigMap, data: {a: prod-db}}\n", [("prod-db", 3)]),
        ("kind: ConfigMap\n---\nkind: ConfigMap\ndata: {a: prod-db}\n", [("prod-db", 4)]),
        ("a: &db prod-db\nb: *db\nc: [*db, *db]\n", [("prod-db", 1)]),
        ("kind: ExternalSecret\nspec: {data: [{remoteRef: {key: prod/shop/db}}]}\n", [("prod/shop/db", 2)]),
        ("kind: ExternalSecret\nspec: {dataFrom: [{extract: {key: prod/shop}}]}\n", [("prod/shop", 2)]),
        ("\ufeffa: prod-db\n", [("prod-db", 1)]),
        ("? [a, b]\n: prod-db\n", [("prod-db", 2)]),
        ("", []),
    ],
)  # fmt: skip
def test_other_objects_and_values_are_too(text: str, expected: list[tuple[str, int]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    "value",
    [
        "prod-db",
        "prod-db:3306",
        "prod-db.",
        "mysql://prod-db",
        "mysql://prod-db:3306/shop?ssl=true",
        "mysql+pymysql://shop:p@ss/w0rd@prod-db/shop".replace("/w0rd", "w0rd"),
        "jdbc:mysql://prod-db:3306/shop",
        "jdbc:sqlserver://prod-db;databaseName=shop",
        "jdbc:oracle:thin:@//prod-db:1521/shop",
        "mongodb+srv://dev-a,prod-db/shop",
        "shop:secret@tcp(prod-db:3306)/shop",
        "host=prod-db port=5432 dbname=shop",
        "Server=tcp:prod-db,1433;Database=shop",
        "a b prod-db",
    ],
)
def test_a_host_is_found_in_whatever_names_it(value: str) -> None:
    assert named(f"kind: ConfigMap\ndata: {{a: {value!r}}}\n") == [("prod-db", 2)]


@pytest.mark.parametrize(
    "value",
    [
        "mysql://prod-db@localhost/shop",
        "mysql://shop:prod-db@localhost/shop",
        "mysql://localhost/prod-db",
        "/var/run/prod-db/socket",
        "prod-db@example.com",
        "prod-db-2",
        "my-prod-db",
        "prod-db.example.com",
        "3306",
        "x" * 300,
    ],
)
def test_what_is_no_host_is_not(value: str) -> None:
    assert named(f"kind: ConfigMap\ndata: {{a: {value!r}}}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What is merged is read where it is merged.
        (
            "x: &ref {name: a-prod, key: password}\nkind: Pod\n"
            "spec: {env: [{valueFrom: {secretKeyRef: {<<: *ref}}}]}\n",
            [("a-prod", 1)],
        ),
        ("x: [&a {key: k}, &b {name: a-prod}]\nenvFrom: [{secretRef: {<<: [*a, *b]}}]\n", [("a-prod", 1)]),
        ("x: &x {<<: *x, host: prod-db}\n", [("prod-db", 1)]),
    ],
)
def test_merged_secrets_are_seen(text: str, expected: list[tuple[str, int]]) -> None:
    assert named(text) == expected


KUSTOMIZED = "kind: Kustomization\n"
SECRET_REF = "/spec/template/spec/containers/0/env/0/valueFrom/secretKeyRef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n"
            f"      path: {SECRET_REF}/name\n      value: a-prod\n",
            [("a-prod", 7)],
        ),
        (
            "patches:\n- patch: |\n    - {op: add, path: /spec/template/spec/volumes/-, "
            "value: {secret: {secretName: a-prod}}}\n",
            [("a-prod", 4)],
        ),
        (
            f"patchesJson6902:\n- patch: '[{{op: add, path: {SECRET_REF}, value: {{name: a-prod}}}}]'\n",
            [("a-prod", 3)],
        ),
        (
            "patches:\n- patch: |-\n    kind: Deployment\n"
            "    spec: {template: {spec: {volumes: [{secret: {secretName: a-prod}}]}}}\n",
            [("a-prod", 5)],
        ),
        (
            "patchesStrategicMerge:\n- web.yaml\n- |-\n  kind: ConfigMap\n  data: {a: prod-db}\n",
            [("prod-db", 6)],
        ),
        ("patches:\n- patch: |-\n    - {op: add, path: /metadata/labels/a, value: prod-db}\n", []),
        ("patches:\n- patch: |-\n    - {op: add, path: /data/host, value: prod-db}\n", [("prod-db", 4)]),
        # What is no patch after all is looked at as any other text.
        ("patches:\n- patch: '{{ prod-db }'\n", [("prod-db", 3)]),
    ],
)
def test_inline_patches_are_looked_at_as_what_they_are(text: str, expected: list[tuple[str, int]]) -> None:
    assert named(KUSTOMIZED + text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bXlzcWw6Ly9wcm9kLWRiL3Nob3A=", [("prod-db", 2)]),  # mysql://prod-db/shop
        ("'bXlzcWw6Ly9w\n  cm9kLWRiL3Nob3A='", [("prod-db", 2)]),
        ("prod-db", []),
        ("/w==", []),
    ],
)
def test_a_secret_is_looked_at_behind_its_base64(value: str, expected: list[tuple[str, int]]) -> None:
    assert named(f"kind: Secret\ndata: {{url: {value}}}\n") == expected
    assert named(f"kind: Other\ndata: {{url: {value}}}\n") == ([("prod-db", 2)] if value == "prod-db" else [])


def test_the_object_itself_names_nothing() -> None:
    text = (
        "kind: Service\nmetadata: {name: prod-db, labels: {app: prod-db}, annotations: {a: prod-db}}\n"
        "spec: {selector: {app: prod-db}, ports: [{name: prod-db, port: 80}]}\n"
    )
    assert named(text) == []


def test_the_reverse_is_a_crossing_too() -> None:
    text = "kind: ConfigMap\ndata: {a: dev-db, b: prod-db}\n"
    (found,) = crossings(text, DATABASES, "real")
    assert (found.referral.name, found.referral.kind, found.expected) == ("dev-db", Referred.HOST, "real")
    assert (found.found, found.pattern) == ("dummy", "dev-*")


def test_what_is_no_yaml_cannot_be_judged() -> None:
    with pytest.raises(Unreadable):
        referrals("{{ .Values.host }")
