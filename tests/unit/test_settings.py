"""Settings: read once, refused with one clear line each, and never a secret in sight."""

import json
import logging
from pathlib import Path

import pytest

from bot import settings
from bot.cli.settings import values
from bot.errors import TellUser
from bot.settings import MASK, SettingsError

COMPLETE = {"GITHUB_APP_ID": "7", "GITHUB_WEBHOOK_SECRET": "hush"}


def lines(error: pytest.ExceptionInfo[SettingsError]) -> list[str]:
    return [message.id.format(**message.values) for message in error.value.messages]


def test_an_empty_environment_has_every_default() -> None:
    found = settings.read({})
    assert found.api_url == "https://api.github.com"
    assert found.graphql_url == "https://api.github.com/graphql"
    assert (found.host, found.port) == ("0.0.0.0", 8080)  # noqa: S104 - compared, not bound
    assert found.engine_url.get_secret_value() == "sqlite:///var/engine.sqlite"
    assert found.database_url.get_secret_value() == "sqlite:///var/ledger.sqlite"
    assert found.executor_id


def test_an_empty_value_is_no_value() -> None:
    assert settings.read({"PORT": "", "GITHUB_APP_ID": ""}) == settings.read({})


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.github.com/", "https://api.github.com/graphql"),
        ("https://github.acme.example/api/v3", "https://github.acme.example/api/graphql"),
        ("https://github.acme.example/api/v3/", "https://github.acme.example/api/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/graphql"),
    ],
)
def test_the_graphql_address_follows_the_api_address(api: str, graphql: str) -> None:
    assert settings.read({"GITHUB_API_URL": api}).graphql_url == graphql
    given = settings.read({"GITHUB_API_URL": api, "GITHUB_GRAPHQL_URL": "https://other.example/graphql"})
    assert given.graphql_url == "https://other.example/graphql"


@pytest.mark.parametrize(
    ("github", "registry"),
    [
        ("", "https://ghcr.io"),
        ("https://github.com/", "https://ghcr.io"),
        ("https://github.acme.example", "https://containers.github.acme.example"),
        ("https://acme.ghe.com", "https://containers.acme.ghe.com"),
    ],
)
def test_the_registry_follows_the_address_of_github(github: str, registry: str) -> None:
    assert settings.read({"GITHUB_URL": github}).registry_url == registry
    given = settings.read({"GITHUB_URL": github, "GITHUB_REGISTRY_URL": "https://other.example/"})
    assert given.registry_url == "https://other.example"


def test_images_are_deleted_only_where_that_is_said() -> None:
    assert settings.read({}).delete_images is False
    assert settings.read({"SIGNALBOX_DELETE_IMAGES": "true"}).delete_images is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGNALBOX_DELETE_IMAGES", "perhaps"),
        ("GITHUB_REGISTRY_URL", "ghcr.io"),
        ("GITHUB_APP_ID", "seven"),
        ("GITHUB_APP_ID", "0"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_API_URL", "ftp://api.github.com"),
        ("GITHUB_GRAPHQL_URL", "https://"),
        ("GITHUB_URL", "https://github.com?x=1"),
        ("SIGNALBOX_PUBLIC_URL", "javascript:alert(1)"),
        ("SIGNALBOX_PUBLIC_URL", "https://signalbox.example.com/room"),
        ("SIGNALBOX_PUBLIC_URL", "https://mina@signalbox.example.com"),
        ("SIGNALBOX_PUBLIC_URL", "https://signalbox.example.com:99999"),
        ("SIGNALBOX_ENGINE_URL", "mysql://user:hush@db/engine"),
        ("SIGNALBOX_ENGINE_URL", "not an address"),
        ("SIGNALBOX_DATABASE_URL", "redis://db"),
        ("SIGNALBOX_RETENTION_DAYS", "0"),
        ("SIGNALBOX_RETENTION_DAYS", "36501"),
        ("SIGNALBOX_EXECUTOR_ID", "x" * 101),
        ("SIGNALBOX_SESSION_SECRET", "hush"),
        ("SIGNALBOX_SESSION_SECRET", f"{'x' * 32},hush"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_malformed_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings.read({name: value})
    (line,) = lines(error)
    assert line.startswith(f"{name}: expected ")
    assert "hush" not in line


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Signalbox.Example.com/", "https://signalbox.example.com"),
        ("https://signalbox.example.com:443", "https://signalbox.example.com"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_public_url_is_written_as_browsers_write_an_origin(given: str, origin: str) -> None:
    assert settings.read({"SIGNALBOX_PUBLIC_URL": given}).public_url == origin


def test_every_malformed_setting_is_reported_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        settings.read({"PORT": "x", "LOG_LEVEL": "x", "GITHUB_API_URL": "x"})
    assert [line.split(":")[0] for line in lines(error)] == ["GITHUB_API_URL", "PORT", "LOG_LEVEL"]


def test_a_missing_identity_is_one_line_for_each_setting() -> None:
    with pytest.raises(SettingsError) as error:
        settings.identity(settings.read({}))
    assert [line.split(" ")[0] for line in lines(error)] == [
        "GITHUB_APP_ID",
        "GITHUB_WEBHOOK_SECRET",
        "GITHUB_PRIVATE_KEY",
    ]


def test_the_key_may_be_text_text_in_one_line_or_a_file(pem: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem)
    numbers = {
        settings.identity(settings.read({**COMPLETE, name: value})).private_key.private_numbers()
        for name, value in [
            ("GITHUB_PRIVATE_KEY", pem),
            ("GITHUB_PRIVATE_KEY", pem.replace("\n", "\\n")),
            ("GITHUB_PRIVATE_KEY_PATH", str(file)),
        ]
    }
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_PRIVATE_KEY", "hush, no key"), ("GITHUB_PRIVATE_KEY_PATH", "/nowhere/key.pem")],
)
def test_an_unusable_key_is_refused_without_showing_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings.identity(settings.read({**COMPLETE, name: value}))
    (line,) = lines(error)
    assert line.startswith(f"{name}: ")
    assert "hush" not in line


def test_several_webhook_secrets_are_split_at_commas(pem: str) -> None:
    found = settings.read({**COMPLETE, "GITHUB_WEBHOOK_SECRET": " new, old ,", "GITHUB_PRIVATE_KEY": pem})
    assert settings.identity(found).webhook_secrets == (b"new", b"old")


def test_secrets_are_in_no_repr_log_or_table(pem: str, caplog: pytest.LogCaptureFixture) -> None:
    found = settings.read(
        {
            **COMPLETE,
            "GITHUB_PRIVATE_KEY": pem,
            "SIGNALBOX_ENGINE_URL": "postgresql://user:hush@db/engine",
            "SIGNALBOX_DATABASE_URL": "mysql://user@db/ledger?password=hush",
        }
    )
    with caplog.at_level(logging.INFO):
        logging.getLogger().info("%s %r", found, settings.identity(found))
    shown = "".join(value for _, value, _ in values(found))
    for text in (repr(found), str(found), caplog.text, shown):
        assert "hush" not in text
        assert "PRIVATE KEY" not in text
    assert MASK in shown


APP = {
    "id": 7,
    "slug": "signalbox",
    "client_id": "Iv23x",
    "client_secret": "hush-client",
    "webhook_secret": "hush-hook",
    "pem": "hush-pem",
}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A data folder in which `/setup` has kept an App."""
    (tmp_path / "app.json").write_text(json.dumps(APP))
    return str(tmp_path)


def test_the_app_that_was_registered_is_the_one(folder: str) -> None:
    found = settings.read({"SIGNALBOX_DATA_DIR": folder})
    assert (found.app_id, found.has_app) == (7, True)
    assert settings.client(found) == ("Iv23x", "hush-client")
    assert found.private_key is not None
    assert "hush" not in repr(found) + "".join(value for _, value, _ in values(found))


def test_the_environment_wins_and_two_apps_never_mix(folder: str) -> None:
    said = {"SIGNALBOX_DATA_DIR": folder, "GITHUB_CLIENT_SECRET": "newer", "GITHUB_APP_ID": ""}
    assert settings.client(settings.read(said)) == ("Iv23x", "newer")
    by_path = settings.read({**said, "GITHUB_PRIVATE_KEY_PATH": "key.pem"})
    assert (by_path.private_key, by_path.app_id) == (None, 7)
    other = settings.read({**said, "GITHUB_APP_ID": "8"})
    assert (other.app_id, other.client_id, other.webhook_secrets) == (8, None, ())


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({**APP, "pem": 1}), '{"id": "hush"}'])
def test_an_app_that_was_damaged_is_told_without_showing_it(folder: str, text: str) -> None:
    (Path(folder) / "app.json").write_text(text)
    with pytest.raises(TellUser, match=r"app\.json: expected what GitHub answered") as error:
        settings.read({"SIGNALBOX_DATA_DIR": folder})
    assert "hush" not in str(error.value)


def test_one_half_of_the_client_is_missing_the_other() -> None:
    names = ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")
    for given, missing in (names, names[::-1]):
        with pytest.raises(SettingsError, match=f"^{missing} is missing"):
            settings.client(settings.read({given: "x"}))
    assert settings.client(settings.read({})) is None


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_APP_ID",
        "GITHUB_PRIVATE_KEY",
        "GITHUB_PRIVATE_KEY_PATH",
        "GITHUB_WEBHOOK_SECRET",
        "GITHUB_CLIENT_ID",
        "GITHUB_CLIENT_SECRET",
    ],
)
def test_whoever_sets_anything_of_an_app_means_one(name: str) -> None:
    assert settings.read({name: "7"}).has_app
    assert not settings.read({"PORT": "80"}).has_app
