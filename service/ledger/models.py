"""The ledger's tables, named so that they may share a database with the queue's.

A repository is known by GitHub's numeric id; its full name is kept as it was then.
"""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.ledger.columns import MYSQL, NAME, NUMBER, PROSE, SERIAL, Moment


class Base(DeclarativeBase):
    """The root of all tables; constraints are named, so that a migration can name them too."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: NAME,
        int: NUMBER,
        datetime: Moment(),
        dict[str, Any]: sa.JSON(),
        list[dict[str, Any]]: sa.JSON(),
        list[str]: sa.JSON(),
        list[str] | None: sa.JSON(none_as_null=True),
    }
    __table_args__: Any = (dict(MYSQL),)


class Delivery(Base):
    """A webhook that arrived, without its payload."""

    __tablename__ = "ledger_delivery"
    __table_args__ = (sa.Index(None, "at"), dict(MYSQL))

    guid: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str]
    action: Mapped[str | None]
    repository_id: Mapped[int | None]
    repository: Mapped[str | None]
    sender: Mapped[str | None]
    outcome: Mapped[str]


class Decision(Base):
    """What the checks of a pull request said, and the facts they stood on.

    `previous` is the id of the decision before it, 0 for the first: of two that would follow one, only one
    can be recorded.
    """

    __tablename__ = "ledger_decision"
    __table_args__ = (
        sa.UniqueConstraint("repository_id", "pull", "previous"),
        sa.Index(None, "at"),
        dict(MYSQL),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    repository_id: Mapped[int]
    repository: Mapped[str]
    pull: Mapped[int]
    previous: Mapped[int]
    head: Mapped[str]
    digest: Mapped[str]
    conclusions: Mapped[dict[str, Any]]
    findings: Mapped[list[dict[str, Any]]]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class OutstandingLevel(Base):
    """One time that an item of a review (a review, a thread, a comment) asked for something.

    `turn` counts the times that it did, from 1.
    """

    __tablename__ = "ledger_outstanding_level"
    __table_args__ = (
        sa.UniqueConstraint("repository_id", "pull", "item", "turn"),
        sa.Index(None, "cleared_at"),
        sa.Index(None, "raised_at"),
        dict(MYSQL),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    repository_id: Mapped[int]
    repository: Mapped[str]
    pull: Mapped[int]
    item: Mapped[str]
    turn: Mapped[int]
    level: Mapped[str]
    author: Mapped[str | None]
    raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]


class PullRequest(Base):
    """A pull request as it stood when it was last judged: see `service.ledger.pulls`."""

    __tablename__ = "ledger_pull"
    __table_args__ = (
        sa.Index(None, "repository_id", "state"),
        sa.Index(None, "approved_at"),
        sa.Index(None, "merged_at"),
        sa.Index(None, "closed_at"),
        dict(MYSQL),
    )

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    repository: Mapped[str]
    title: Mapped[str] = mapped_column(PROSE)
    url: Mapped[str] = mapped_column(PROSE)
    author: Mapped[str]
    head: Mapped[str]
    head_commit: Mapped[str]
    kind: Mapped[str | None]
    base: Mapped[str]
    base_kind: Mapped[str | None]
    role: Mapped[str | None]
    draft: Mapped[bool]
    state: Mapped[str]
    conclusions: Mapped[dict[str, Any]]
    conclusion: Mapped[str]
    levels: Mapped[list[dict[str, Any]]]
    level: Mapped[str | None]
    opened_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    merged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    merge_commit: Mapped[str | None]


class Repository(Base):
    """A repository that the App is installed on, or was: see `service.ledger.repositories`."""

    __tablename__ = "ledger_repository"
    __table_args__ = (sa.Index(None, "name"), dict(MYSQL))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    private: Mapped[bool]
    installation: Mapped[int]
    default_branch: Mapped[str]
    rulebook: Mapped[str]
    preset: Mapped[str | None]
    main: Mapped[str | None]
    develop: Mapped[str | None]
    levels: Mapped[list[str]]
    environments: Mapped[list[dict[str, Any]]]
    images: Mapped[list[str] | None]
    gitops: Mapped[str | None]
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Change(Base):
    """How often what the ledger knows of a repository has changed: a number that only grows."""

    __tablename__ = "ledger_change"

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[int]


class Reservation(Base):
    """A version that a pull request has claimed; confirmed once its tag stands."""

    __tablename__ = "ledger_reservation"

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str]
    pull: Mapped[int]
    reserved_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Release(Base):
    """A release on its way from the merge to its clean-up."""

    __tablename__ = "ledger_release"
    __table_args__ = (
        sa.UniqueConstraint("repository_id", "version"),
        sa.Index(None, "begun_at"),
        dict(MYSQL),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    repository_id: Mapped[int]
    repository: Mapped[str]
    version: Mapped[str]
    tag: Mapped[str]
    commit: Mapped[str]
    pull: Mapped[int | None]
    notes: Mapped[str | None] = mapped_column(PROSE)
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ReleaseStep(Base):
    """How one step of a release stands."""

    __tablename__ = "ledger_release_step"

    release_id: Mapped[int] = mapped_column(
        sa.ForeignKey("ledger_release.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    detail: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    at: Mapped[datetime]


class Environment(Base):
    """An environment that something was deployed to, or about which people said something.

    It is held at what it runs, or frozen against every deployment.
    """

    __tablename__ = "ledger_environment"

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str]
    hold_by: Mapped[str | None]
    hold_why: Mapped[str | None] = mapped_column(PROSE)
    hold_since: Mapped[datetime | None]
    freeze_by: Mapped[str | None]
    freeze_why: Mapped[str | None] = mapped_column(PROSE)
    freeze_since: Mapped[datetime | None]
    freeze_until: Mapped[datetime | None]


class Deployment(Base):
    """A GitHub Deployment, known by GitHub's id of it."""

    __tablename__ = "ledger_deployment"
    __table_args__ = (
        sa.Index(None, "repository_id", "environment", "created_at"),
        sa.Index(None, "created_at"),
        dict(MYSQL),
    )

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    repository: Mapped[str]
    environment: Mapped[str]
    action: Mapped[str]
    ref: Mapped[str]
    commit: Mapped[str]
    image: Mapped[str | None] = mapped_column(PROSE)
    image_name: Mapped[str]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(PROSE)
    state: Mapped[str]
    note: Mapped[str | None] = mapped_column(PROSE)
    url: Mapped[str | None] = mapped_column(PROSE)
    created_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Image(Base):
    """A container image that a registry told of, known by the SHA-256 of all that names it."""

    __tablename__ = "ledger_image"
    __table_args__ = (sa.Index(None, "home", "pushed_at"), sa.Index(None, "seen_at"), dict(MYSQL))

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    name: Mapped[str]
    tag: Mapped[str | None]
    digest: Mapped[str | None]
    commit: Mapped[str | None]
    pushed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    home: Mapped[int | None]
    version: Mapped[str | None]
    sources: Mapped[list[str] | None]


class Shipment(Base):
    """What Signalbox deploys itself: the deployment that carries it, and how far it came."""

    __tablename__ = "ledger_shipment"
    __table_args__ = (
        sa.Index(None, "target", "state"),
        sa.Index(None, "application", "state"),
        sa.Index(None, "repository_id", "environment", "at"),
        sa.Index(None, "repository_id", "environment", "image_name", "at"),
        dict(MYSQL),
    )

    repository_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deployment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    installation: Mapped[int]
    repository: Mapped[str]
    environment: Mapped[str]
    target: Mapped[str | None]
    application: Mapped[str | None]
    content: Mapped[dict[str, Any]]
    image_name: Mapped[str]
    state: Mapped[str]
    revision: Mapped[str | None]
    at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    healthy_at: Mapped[datetime | None]


class Audit(Base):
    """An act: who did what, on what, why, from where, and when. Nothing updates or deletes a row."""

    __tablename__ = "ledger_audit"
    __table_args__ = (
        sa.Index(None, "repository_id", "id"),
        sa.Index(None, "repository_id", "subject"),
        dict(MYSQL),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    why: Mapped[str] = mapped_column(PROSE)
    origin: Mapped[str]
    repository_id: Mapped[int | None]
    repository: Mapped[str | None]
