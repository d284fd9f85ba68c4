"""A pull request in a GitOps repository that would bring a database of the wrong class."""

from pathlib import Path

from support.world import World, a_world

RULEBOOK = """\
preset: trunk
databases:
  dummy: {hosts: ["*.dev.internal"]}
  real: {hosts: ["*.prod.internal"], secrets: ["*-prod"]}
"""
CONFIG = "apps/shop-dev/web/config.yaml"


def config(host: str) -> str:
    return f"kind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  URL: mysql://shop@{host}:3306/shop\n"


async def changed(world: World, text: str, path: str = CONFIG) -> None:
    await world.clone.commit("another database", {path: text})
    await world.push("feature/db")
    await world.settled()


async def test_a_manifest_with_a_database_of_the_other_class_fails_until_it_is_mended(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path, rulebook=RULEBOOK, branches=("main",)) as world:
        await world.begin("feature/db", "main", {CONFIG: config("orders.prod.internal")})
        pull = await world.open("feature/db", "main")
        run = world.check(pull)
        assert run.conclusion == "FAILURE"
        assert "`apps/shop-dev/web/config.yaml`, line 4: expected a `dummy` database" in str(run.text)
        assert "found the host `orders.prod.internal`, which is `real`" in str(run.text)
        assert world.operations() == ["Pull", "Files", "Publish"]
        await changed(world, config("orders.dev.internal"))
        assert world.check(pull).conclusion == "SUCCESS"
        await changed(world, "{{ a template }\n")
        assert world.check(pull).conclusion == "ACTION_REQUIRED"
        await world.clone.git("rm", "--quiet", CONFIG)
        await changed(world, config("orders.prod.internal"), "apps/shop-prod/web/config.yaml")
        assert world.check(pull).conclusion == "SUCCESS"


async def test_files_elsewhere_cost_no_request(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook=RULEBOOK, branches=("main",)) as world:
        await world.begin("feature/db", "main", {"docs/db.yaml": config("orders.prod.internal")})
        assert world.check(await world.open("feature/db", "main")).conclusion == "SUCCESS"
        assert world.operations() == ["Pull", "Publish"]


async def test_more_manifests_than_a_request_carries_are_all_read(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook=RULEBOOK, branches=("main",)) as world:
        many = {f"apps/shop-dev/web/{number:03}.yaml": config("a.dev.internal") for number in range(101)}
        await world.begin(
            "feature/db", "main", {**many, "apps/shop-dev/web/zzz.yaml": config("a.prod.internal")}
        )
        run = world.check(await world.open("feature/db", "main"))
        assert run.conclusion == "FAILURE"
        assert "zzz.yaml" in str(run.text)
        assert world.operations().count("Files") == 2
