"""Cut GitHub's published GraphQL schema down to what the local hub answers.

    python tools/cut_schema.py PUBLISHED.graphql > bot/localhub/graphql/schema.graphql

PUBLISHED is `schema.graphql` of npm `@octokit/graphql-schema` 15.26.1, descriptions and all. What is kept is
named below. Nothing is renamed and no type is changed, so what holds against the cut holds against GitHub.
"""

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql.language import FieldDefinitionNode

# Object, interface and input types, with the fields that stay.
KEEP = {
    "Query": "id node organization rateLimit repository",
    "Mutation": (
        "addComment addLabelsToLabelable addReaction createCheckRun createCommitOnBranch createLabel"
        " createPullRequest createRef deleteIssueComment deleteRef removeLabelsFromLabelable updateCheckRun"
        " updateIssueComment updatePullRequest updateRef updateRefs"
    ),
    "Node": "id",
    "Actor": "login",
    "Labelable": "labels",
    "RepositoryOwner": "id login repository",
    "GitObject": "id oid",
    "User": "databaseId id login repository",
    "Bot": "databaseId id login",
    "Organization": "databaseId id login repository team",
    "Team": "databaseId id members slug",
    "TeamMemberConnection": "nodes pageInfo totalCount",
    "RateLimit": "cost limit remaining resetAt used",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "Repository": (
        "databaseId defaultBranchRef id isFork isPrivate issue issueOrPullRequest label latestRelease"
        " mergeCommitAllowed mergeQueue name nameWithOwner object owner pullRequest pullRequests"
        " rebaseMergeAllowed ref refs release releases squashMergeAllowed url"
    ),
    "Label": "color description id name",
    "LabelConnection": "nodes pageInfo totalCount",
    "MergeQueue": "entries id",
    "MergeQueueEntry": "baseCommit headCommit id position pullRequest",
    "MergeQueueEntryConnection": "nodes pageInfo totalCount",
    "Ref": "associatedPullRequests compare id name prefix refUpdateRule rules target",
    "RefConnection": "nodes pageInfo totalCount",
    "RefUpdateRule": "requiredApprovingReviewCount requiredStatusCheckContexts",
    "RepositoryRule": "id parameters type",
    "RepositoryRuleConnection": "nodes pageInfo totalCount",
    "PullRequestParameters": "allowedMergeMethods requiredApprovingReviewCount",
    "RequiredStatusChecksParameters": "requiredStatusChecks",
    "StatusCheckConfiguration": "context integrationId",
    "Comparison": "aheadBy baseTarget behindBy commits headTarget id",
    "ComparisonCommitConnection": "nodes pageInfo totalCount",
    "Commit": (
        "associatedPullRequests author authoredDate checkSuites committedDate file history id message"
        " messageHeadline oid parents statusCheckRollup"
    ),
    "CommitConnection": "nodes pageInfo totalCount",
    "CommitHistoryConnection": "nodes pageInfo totalCount",
    "GitActor": "date email name user",
    "Blob": "byteSize id isBinary isTruncated oid text",
    "Tree": "entries id oid",
    "Tag": "id message name oid tagger target",
    "TreeEntry": "name object path type",
    "PullRequest": (
        "author baseRef baseRefName baseRefOid baseRepository body changedFiles closedAt comments commits"
        " createdAt files headRef headRefName headRefOid headRepository headRepositoryOwner id"
        " isCrossRepository isDraft labels mergeCommit mergeQueueEntry mergeable merged mergedAt mergedBy"
        " number reviewThreads reviews state timelineItems title updatedAt url"
    ),
    "PullRequestCommit": "commit id",
    "PullRequestCommitConnection": "nodes pageInfo totalCount",
    "PullRequestConnection": "nodes pageInfo totalCount",
    "PullRequestTimelineItemsConnection": "nodes pageInfo totalCount",
    "AutomaticBaseChangeSucceededEvent": "createdAt id newBase oldBase",
    "BaseRefChangedEvent": "createdAt currentRefName id previousRefName",
    "PullRequestChangedFileConnection": "nodes pageInfo totalCount",
    "PullRequestChangedFile": "additions deletions path",
    "PullRequestReview": (
        "author authorCanPushToRepository body commit createdAt id lastEditedAt state submittedAt url"
    ),
    "PullRequestReviewConnection": "nodes pageInfo totalCount",
    "PullRequestReviewThread": "comments id isOutdated isResolved line path",
    "PullRequestReviewThreadConnection": "nodes pageInfo totalCount",
    "PullRequestReviewComment": "author body createdAt id lastEditedAt pullRequestReview url",
    "PullRequestReviewCommentConnection": "nodes pageInfo totalCount",
    "Issue": "author body closedAt comments createdAt databaseId id labels number state title updatedAt url",
    "IssueComment": "author body createdAt editor id lastEditedAt reactionGroups url viewerDidAuthor",
    "IssueCommentConnection": "nodes pageInfo totalCount",
    "IssueCommentEdge": "node",
    "Release": (
        "author createdAt databaseId description id isDraft isLatest isPrerelease name publishedAt tag"
        " tagCommit tagName updatedAt url"
    ),
    "ReleaseConnection": "nodes pageInfo totalCount",
    "ReactionGroup": "content viewerHasReacted",
    "App": "databaseId id name slug",
    "CheckSuite": "app checkRuns conclusion databaseId id status",
    "CheckSuiteConnection": "nodes pageInfo totalCount",
    "CheckRun": (
        "checkSuite completedAt conclusion databaseId detailsUrl externalId id name startedAt status summary"
        " text title url"
    ),
    "CheckRunConnection": "nodes pageInfo totalCount",
    "StatusCheckRollup": "contexts id",
    "StatusCheckRollupContextConnection": "nodes pageInfo totalCount",
    "StatusContext": "context createdAt creator description id state",
    "AddCommentPayload": "clientMutationId commentEdge subject",
    "AddLabelsToLabelablePayload": "clientMutationId labelable",
    "AddReactionPayload": "clientMutationId reactionGroups",
    "CreateCheckRunPayload": "checkRun clientMutationId",
    "CreateCommitOnBranchPayload": "clientMutationId commit ref",
    "CreateLabelPayload": "clientMutationId label",
    "CreatePullRequestPayload": "clientMutationId pullRequest",
    "CreateRefPayload": "clientMutationId ref",
    "DeleteIssueCommentPayload": "clientMutationId",
    "DeleteRefPayload": "clientMutationId",
    "RemoveLabelsFromLabelablePayload": "clientMutationId labelable",
    "UpdateCheckRunPayload": "checkRun clientMutationId",
    "UpdateIssueCommentPayload": "clientMutationId issueComment",
    "UpdatePullRequestPayload": "clientMutationId pullRequest",
    "UpdateRefPayload": "clientMutationId ref",
    "UpdateRefsPayload": "clientMutationId",
    "CheckRunAction": "description identifier label",
    "CheckRunFilter": "appId checkName checkType",
    "CheckRunOutput": "summary text title",
    "CheckSuiteFilter": "appId",
    "AddCommentInput": "body clientMutationId subjectId",
    "AddLabelsToLabelableInput": "clientMutationId labelIds labelableId",
    "AddReactionInput": "clientMutationId content subjectId",
    "CreateCheckRunInput": (
        "actions clientMutationId completedAt conclusion detailsUrl externalId headSha name output"
        " repositoryId startedAt status"
    ),
    "CommitMessage": "body headline",
    "CommittableBranch": "branchName id repositoryNameWithOwner",
    "CreateCommitOnBranchInput": "branch clientMutationId expectedHeadOid fileChanges message",
    "CreateLabelInput": "clientMutationId color description name repositoryId",
    "CreatePullRequestInput": "baseRefName body clientMutationId draft headRefName repositoryId title",
    "CreateRefInput": "clientMutationId name oid repositoryId",
    "DeleteIssueCommentInput": "clientMutationId id",
    "DeleteRefInput": "clientMutationId refId",
    "FileAddition": "contents path",
    "FileChanges": "additions deletions",
    "FileDeletion": "path",
    "IssueOrder": "direction field",
    "RefOrder": "direction field",
    "ReleaseOrder": "direction field",
    "RefUpdate": "afterOid beforeOid force name",
    "RemoveLabelsFromLabelableInput": "clientMutationId labelIds labelableId",
    "UpdateCheckRunInput": (
        "actions checkRunId clientMutationId completedAt conclusion detailsUrl externalId name output"
        " repositoryId startedAt status"
    ),
    "UpdateIssueCommentInput": "body clientMutationId id",
    "UpdatePullRequestInput": "baseRefName clientMutationId pullRequestId state title",
    "UpdateRefInput": "clientMutationId force oid refId",
    "UpdateRefsInput": "clientMutationId refUpdates repositoryId",
}

# Scalars and enums, which stay as they are.
WHOLE = {
    "Base64String",
    "CheckConclusionState",
    "CheckRunType",
    "CheckStatusState",
    "DateTime",
    "GitObjectID",
    "GitRefname",
    "GitTimestamp",
    "IssueOrderField",
    "IssueState",
    "MergeableState",
    "OrderDirection",
    "PullRequestReviewState",
    "PullRequestState",
    "PullRequestUpdateState",
    "ReactionContent",
    "RefOrderField",
    "ReleaseOrderField",
    "RepositoryRuleType",
    "RequestableCheckStatusState",
    "PullRequestTimelineItemsItemType",
    "StatusState",
    "URI",
}

# Unions, of which those members stay that are kept above.
UNIONS = {"IssueOrPullRequest", "PullRequestTimelineItems", "RuleParameters", "StatusCheckRollupContext"}

# The arguments that the hub honours, of one field alone where its name stands before; the others go, so that
# asking for them is an error and not a silence.
ARGUMENTS = {
    "after",
    "baseRefName",
    "branch",
    "expression",
    "file.path",
    "filterBy",
    "first",
    "headRef",
    "headRefName",
    "history.since",
    "history.until",
    "id",
    "input",
    "login",
    "name",
    "number",
    "oid",
    "owner",
    "pullRequests.orderBy",
    "qualifiedName",
    "refPrefix",
    "refs.orderBy",
    "releases.orderBy",
    "slug",
    "states",
    "tagName",
    "timelineItems.itemTypes",
}

Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode


def _cut_type(node: Fielded) -> Fielded:
    wanted = KEEP[node.name.value].split()
    found: dict[str, Any] = {field.name.value: field for field in node.fields or ()}
    if missing := [name for name in wanted if name not in found]:
        sys.exit(f"{node.name.value} has no field {', '.join(missing)}")
    kept = tuple(found[name] for name in wanted)
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(node, fields=kept)
    interfaces = tuple(one for one in node.interfaces or () if one.name.value in KEEP)
    return replace(node, fields=tuple(map(_cut_field, kept)), interfaces=interfaces)


def _cut_union(node: UnionTypeDefinitionNode) -> UnionTypeDefinitionNode:
    return replace(node, types=tuple(one for one in node.types or () if one.name.value in KEEP))


def _cut_field(field: FieldDefinitionNode) -> FieldDefinitionNode:
    kept = (
        one
        for one in field.arguments or ()
        if {one.name.value, f"{field.name.value}.{one.name.value}"} & ARGUMENTS
    )
    return replace(field, arguments=tuple(kept))


class _WithoutWords(Visitor):
    """Drop descriptions and directives: the hub needs neither, and they are most of the file."""

    def leave(self, node: Any, *_: object) -> Any:
        names = {field.name for field in fields(node)}
        return replace(node, **{"description": None, "directives": ()} if "description" in names else {})


def _name(node: Any) -> str:
    name: str = node.name.value
    return name


def cut(sdl: str) -> str:
    """The part of `sdl` that the hub answers, as SDL, its types in alphabetical order."""
    kept: list[DefinitionNode] = []
    for node in parse(sdl, no_location=True).definitions:
        match node:
            case (
                ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode() | InputObjectTypeDefinitionNode()
            ) if node.name.value in KEEP:
                kept.append(_cut_type(node))
            case UnionTypeDefinitionNode() if node.name.value in UNIONS:
                kept.append(_cut_union(node))
            case EnumTypeDefinitionNode() | ScalarTypeDefinitionNode() if node.name.value in WHOLE:
                kept.append(node)
    kept.sort(key=_name)
    return print_ast(visit(DocumentNode(definitions=tuple(kept)), _WithoutWords())) + "\n"


if __name__ == "__main__":
    sys.stdout.write(cut(Path(sys.argv[1]).read_text(encoding="utf-8")))
