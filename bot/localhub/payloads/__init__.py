"""What webhooks and REST say about the values of the hub, field by field as GitHub says it.

The fields were read from npm `@octokit/webhooks-examples` 7.6.1, and a contract test holds them to it.
"""
