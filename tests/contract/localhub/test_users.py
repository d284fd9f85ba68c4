"""What a person is shown and may do with the token that the App got for them."""

from typing import Any

from aiohttp import encode_basic_auth
from support.signins import token_of

from bot.localhub.rest.applications import EndToken
from bot.localhub.rest.users import NewComment

COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
TOKEN = "/applications/{client_id}/token"


def test_the_parameters_and_the_body_are_described(described_rest: dict[Any, Any]) -> None:
    for path in ("/user/installations", "/user/installations/{installation_id}/repositories"):
        assert described_rest["GET", path].query >= {"per_page", "page"}
    assert described_rest["DELETE", TOKEN].body >= set(EndToken.__struct_fields__)
    assert described_rest["POST", COMMENTS].body >= set(NewComment.__struct_fields__)


async def test_a_person_sees_where_they_have_a_role(team: Any, api: Any) -> None:
    hub = team.hub
    sora, noor = hub.person("sora"), hub.person("noor")
    for number in range(101):
        vault = await hub.repositories.create(f"acme/vault-{number}", private=True)
        hub.allow(vault, sora, "triage")
    token, given = token_of(hub, sora), f"/user/installations/{team.installation.database_id}/repositories"
    _, listed, _ = await api.rest("GET", "/user/installations", token=token)
    assert (listed["total_count"], listed["installations"][0]["account"]["login"]) == (1, "acme")
    _, first, headers = await api.rest("GET", f"{given}?per_page=100", token=token)
    _, second, _ = await api.rest("GET", f"{given}?per_page=100&page=2", token=token)
    names = {one["full_name"] for one in first["repositories"] + second["repositories"]}
    assert (first["total_count"], len(names), 'rel="next"' in headers["Link"]) == (101, 101, True)
    assert "acme/shop" not in names
    token = token_of(hub, noor)
    assert (await api.rest("GET", "/user/installations", token=token))[1]["total_count"] == 0
    assert (await api.rest("GET", given, token=token))[0] == 404
    assert (await api.rest("GET", "/user/installations/1/repositories", token=token))[0] == 404


async def test_a_repository_says_what_a_person_may_do_there(team: Any, api: Any) -> None:
    hub, sora, eve = team.hub, team.hub.person("sora"), team.hub.person("eve")
    hub.allow(team.shop, sora, "maintain")
    vault = await hub.repositories.create("acme/vault", private=True)
    hub.allow(vault, sora, "read")
    diary = await hub.repositories.create("eve/diary", private=True)
    hub.allow(diary, sora, "admin")
    told = (await api.rest("GET", "/repos/acme/shop", token=token_of(hub, sora)))[1]["permissions"]
    assert told == {"pull": True, "triage": True, "push": True, "maintain": True, "admin": False}
    told = (await api.rest("GET", "/repos/acme/shop", token=token_of(hub, eve)))[1]["permissions"]
    assert told == {"pull": True, "triage": False, "push": False, "maintain": False, "admin": False}
    assert (await api.rest("GET", "/repos/acme/vault", token=token_of(hub, sora)))[0] == 200
    assert (await api.rest("GET", "/repos/acme/vault", token=token_of(hub, eve)))[0] == 404
    assert (await api.rest("GET", "/repos/eve/diary", token=token_of(hub, sora)))[0] == 404
    assert (await api.rest("GET", "/repos/acme/shop"))[0] == 401


async def test_a_person_comments_by_way_of_the_app(team: Any, api: Any, ear: Any) -> None:
    pull, token = await team.open(), token_of(team.hub, team.mina)
    path = "/repos/acme/shop/issues/{}/comments"
    status, made, headers = await api.rest("POST", path.format(1), {"body": "/signalbox retry"}, token=token)
    assert (status, made["user"]["login"], headers["Location"]) == (201, "mina", made["url"])
    assert made["performed_via_github_app"]["id"] == team.hub.app.database_id
    await team.hub.settled()
    (heard,) = ear.payloads("issue_comment", "created")
    assert (heard["comment"], heard["issue"]["number"]) == (made, pull.number)
    assert heard["sender"]["login"] == "mina"
    for number, body, expected in ((9, "hello", 404), (1, " ", 422)):
        assert (await api.rest("POST", path.format(number), {"body": body}, token=token))[0] == expected
    suspended = team.hub.installations.suspend(team.installation)
    assert (await api.rest("POST", path.format(1), {"body": "hello"}, token=token))[0] == 403
    team.hub.installations.delete(suspended)
    assert (await api.rest("POST", path.format(1), {"body": "hello"}, token=token))[0] == 403


async def test_the_app_ends_a_token_that_it_got(team: Any, api: Any) -> None:
    hub = team.hub
    token, other = token_of(hub, team.mina), token_of(hub, team.mina)
    for name, secret, expected in (
        (hub.app.client_id, "guessed", 401),
        ("another", hub.app.client_secret, 404),
        (hub.app.client_id, hub.app.client_secret, 204),
        (hub.app.client_id, hub.app.client_secret, 422),
    ):
        url, proof = hub.api_url + TOKEN.format(client_id=name), encode_basic_auth(name, secret)
        async with api.session.delete(
            url, headers={"Authorization": proof}, json={"access_token": token}
        ) as answer:
            assert answer.status == expected
    assert [(await api.rest("GET", "/user", token=each))[0] for each in (token, other)] == [401, 200]


async def test_a_suspended_installation_shows_nothing(team: Any, api: Any) -> None:
    team.hub.installations.suspend(team.installation)
    token = token_of(team.hub, team.mina)
    _, listed, _ = await api.rest("GET", "/user/installations", token=token)
    assert listed["installations"][0]["suspended_at"]
    path = f"/user/installations/{team.installation.database_id}/repositories"
    assert (await api.rest("GET", path, token=token))[0] == 403
