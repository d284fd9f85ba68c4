"""A GitHub small enough to read, over real git repositories: for the demo, the tests and the benches.

    async with Hub.start(directory, webhook_url="http://127.0.0.1:8080/webhooks/github") as hub:
        shop = await hub.repositories.create("acme/shop")

It answers what Signalbox asks of GitHub and nothing else, and tells it what happens by signed webhooks.
Contract tests hold its answers to GitHub's public descriptions.
"""

from bot.localhub.hub import Hub

__all__ = ["Hub"]
