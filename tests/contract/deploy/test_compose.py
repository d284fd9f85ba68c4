"""Signalbox on one machine: the Compose file, against the Compose Specification and against the code."""

import re
from typing import Any

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from support.manifests import DEPLOY, parsed

from bot.cli.parser import parser
from bot.settings import Settings

TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
SPECIFICATION = Draft7Validator(get_builtin_schema("vendor.compose-spec"))
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[?-])?([^}]*)\}")


def services() -> dict[str, Any]:
    found: dict[str, Any] = parsed(TEXT)["services"]
    return found


def test_the_specification_accepts_it() -> None:
    assert [error.message for error in SPECIFICATION.iter_errors(parsed(TEXT))] == []


def test_what_the_specification_refuses_is_found() -> None:
    broken = parsed(TEXT.replace("service_healthy", "service_well"))
    assert not SPECIFICATION.is_valid(broken)


@pytest.mark.parametrize("name", ["bot", "service", "migration"])
def test_whoever_uses_a_database_waits_until_it_answers(name: str) -> None:
    one = services()[name]
    for other, how in one["depends_on"].items():
        if how["condition"] == "service_healthy":
            assert services()[other]["healthcheck"]["test"]
    assert one["depends_on"]["mysql"] == {"condition": "service_healthy"}
    if name != "migration":
        assert one["depends_on"]["postgres"] == {"condition": "service_healthy"}
        assert one["depends_on"]["migration"] == {"condition": "service_completed_successfully"}


def test_the_migration_runs_once() -> None:
    migration = services()["migration"]
    assert migration["restart"] == "no"
    # the image asks a server for its health, which a migration is not
    assert migration["healthcheck"] == {"disable": True}


def test_the_commands_are_those_of_signalbox() -> None:
    said = {name: parser().parse_args(one["command"]) for name, one in ours().items()}
    assert (said["bot"].module, said["bot"].role) == ("bot.cli.serve", "bot")
    assert (said["service"].module, said["service"].role) == ("bot.cli.serve", "service")
    assert (said["migration"].module, said["migration"].action) == ("bot.cli.db", "upgrade")


def test_every_setting_is_one_of_ours() -> None:
    known = {str(field.alias) for field in Settings.model_fields.values()}
    for one in ours().values():
        assert one["environment"].keys() <= known


def test_both_roles_have_the_same_databases_and_they_are_there() -> None:
    for one in ours().values():
        environment = one["environment"]
        assert environment["SIGNALBOX_DATABASE_URL"].startswith("mysql://signalbox:")
        assert environment["SIGNALBOX_DATABASE_URL"].endswith("@mysql/signalbox")
        assert environment["SIGNALBOX_ENGINE_URL"].startswith("postgresql://signalbox:")
        assert environment["SIGNALBOX_ENGINE_URL"].endswith("@postgres/signalbox")


def test_no_secret_is_in_the_file_and_none_is_missing_in_silence() -> None:
    found = {name: form for name, form, _ in VARIABLE.findall(TEXT)}
    assert found == {
        "SIGNALBOX_IMAGE": ":-",
        "MYSQL_PASSWORD": ":?",
        "POSTGRES_PASSWORD": ":?",
        "PRIVATE_KEY_FILE": ":?",
    }
    bare = VARIABLE.sub("", TEXT)
    # what is left of a password is the variable, or nothing
    assert re.findall(r"(?i)password: *(\S+)", bare.replace('RANDOM_ROOT_PASSWORD: "yes"', "")) == []
    assert re.findall(r"://\w+:([^@\s]+)@", bare) == []


def test_ours_are_hardened_and_only_this_machine_reaches_them() -> None:
    for one in ours().values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
    published = [port for one in services().values() for port in one.get("ports", [])]
    assert published == ["127.0.0.1:8080:8080", "127.0.0.1:8081:8080"]


def ours() -> dict[str, Any]:
    return {name: one for name, one in services().items() if name in {"bot", "service", "migration"}}
