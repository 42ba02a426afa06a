# SPDX-License-Identifier: Apache-2.0
"""The words of retention."""

import re
from dataclasses import dataclass
from enum import StrEnum

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.retention.errors import RetentionRuleInvalid
from entrepot.features.retention.expressions import compile_expression
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.version_range import parse_range

MAX_RULES = 50
"""Of one policy."""
MAX_PATTERNS = 20
"""Of one kind, in one rule."""
MAX_DAYS = 3_650
MAX_COUNT = 100_000
MAX_TEXT_CHARACTERS = 300
BRAKE_PERCENT = 50
"""A run that deletes more of the tags of a repository waits for a person, unless its policy says else."""
GRACE_DAYS = 30
"""For so long at least is kept what nobody was seen to use since anybody looks."""

EXPIRY = "expiry"
"""By this name a tag goes that has expired, as by a rule."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Effect(StrEnum):
    """What a rule does with what it selects."""

    KEEP = "keep"
    """Nothing else deletes it. What a rule keeps stays, whichever others select it."""
    DELETE_TAGS = "delete-tags"
    """The tag goes, and nothing else."""
    DELETE_ARTIFACTS = "delete-artifacts"
    """The artifact goes with its tags and referrers, where every one of its tags is selected."""


class Order(StrEnum):
    """By what the newest are found."""

    PUSH = "push"
    PULL = "pull"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Newest:
    """The `count` newest artifacts of each repository among those that the rule selects otherwise.

    A rule that keeps selects these; one that deletes all but these. Tags on one artifact count once.
    """

    count: int
    by: Order = Order.PUSH

    def __post_init__(self) -> None:
        """Refuse what nobody means. Raises `RetentionRuleInvalid`."""
        if not 1 <= self.count <= MAX_COUNT:
            raise RetentionRuleInvalid(f"newest takes 1 to {MAX_COUNT} artifacts, not {self.count}")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a rule is about: all of it has to hold; what is left out says nothing. Raises as the patterns it holds."""

    repositories: tuple[str, ...] = ()
    """Path patterns, one of which has to match."""
    tags: tuple[str, ...] = ()
    """Tag patterns, one of which has to match; so no untagged artifact is selected."""
    tag_expressions: tuple[str, ...] = ()
    """Regular expressions as RE2 has them, one of which has to match a whole tag, unless a pattern of `tags` does."""
    except_tags: tuple[str, ...] = ()
    """Tag patterns, none of which may match."""
    versions: str = ""
    """A range of versions (`oci.version_range`) that a tag has to be in."""
    is_tagged: bool | None = None
    artifact_types: tuple[str, ...] = ()
    """Such as `chart` or `application/vnd.cncf.helm.*`: one has to match, a `*` stands for any characters."""
    labels: tuple[str, ...] = ()
    """Such as `team=web`, or `team` for any value: an artifact has to have them all."""
    older_than_days: int | None = None
    """Since the tag was set; of an untagged artifact since it was pushed or lost its last tag."""
    newer_than_days: int | None = None
    """The contrary: what came within so many days."""
    unused_for_days: int | None = None
    """Since a client used it last; where nobody knows, since it came, and `GRACE_DAYS` at least."""
    used_within_days: int | None = None
    """The contrary: what was used, or came, within so many days, or where nobody knows."""
    larger_than_bytes: int | None = None
    with_referrer: str = ""
    """A type of artifact: something of it has to refer to this."""
    without_referrer: str = ""
    """A type of artifact: nothing of it may refer to this."""
    facts: tuple[str, ...] = ()
    """Names of facts that other features tell of an artifact, such as `signed`; `!signed` for the contrary."""
    newest: Newest | None = None

    def __post_init__(self) -> None:
        """Refuse what is no pattern, and what is too much."""
        for texts in (self.repositories, self.tags, self.tag_expressions, self.except_tags, *self._of_artifact):
            if len(texts) > MAX_PATTERNS:
                raise RetentionRuleInvalid(f"a rule has at most {MAX_PATTERNS} of a kind", hint="Make two rules of it.")
            if any(not 0 < len(text) <= MAX_TEXT_CHARACTERS for text in texts):
                raise RetentionRuleInvalid(f"each has 1 to {MAX_TEXT_CHARACTERS} characters")
        for days in (self.older_than_days, self.newer_than_days, self.unused_for_days, self.used_within_days):
            if days is not None and not 0 <= days <= MAX_DAYS:
                raise RetentionRuleInvalid(f"a rule takes 0 to {MAX_DAYS} days, not {days}")
        if self.larger_than_bytes is not None and self.larger_than_bytes < 0:
            raise RetentionRuleInvalid("nothing has fewer than 0 bytes")
        if self.is_tagged is False and self.is_about_tags:
            raise RetentionRuleInvalid(
                "what is untagged has no tag that could match", hint="Leave the tags out, or is_tagged."
            )
        self._require_patterns()

    def _require_patterns(self) -> None:
        for repository in self.repositories:
            parse_pattern(repository)
        for tag in (*self.tags, *self.except_tags):
            parse_tag_pattern(tag)
        for expression in self.tag_expressions:
            compile_expression(expression)
        if self.versions:
            parse_range(self.versions)

    @property
    def _of_artifact(self) -> tuple[tuple[str, ...], ...]:
        return self.artifact_types, self.labels, self.facts

    @property
    def is_about_tags(self) -> bool:
        """Tell whether only something tagged can be selected."""
        return bool(self.tags or self.tag_expressions or self.versions or self.is_tagged)

    @property
    def says_nothing(self) -> bool:
        """Tell whether everything is selected, wherever it is."""
        return self == Selection(repositories=self.repositories)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a policy. Raises `RetentionRuleInvalid`."""

    name: str
    effect: Effect
    selection: Selection
    is_enabled: bool = True
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse a name that is none, and what would delete everything."""
        if _NAME.fullmatch(self.name) is None:
            raise RetentionRuleInvalid(
                f"{self.name[:64]!r} is no name for a rule",
                hint="It begins with a letter; letters, digits and '-' follow, 64 at most.",
            )
        if self.name == EXPIRY:
            raise RetentionRuleInvalid(f"{EXPIRY} is what tags go by that have expired", hint="Take another name.")
        if len(self.description) > MAX_TEXT_CHARACTERS:
            raise RetentionRuleInvalid(f"a description has at most {MAX_TEXT_CHARACTERS} characters")
        if self.effect is not Effect.KEEP and self.selection.says_nothing:
            raise RetentionRuleInvalid(
                "a rule that deletes has to say which",
                hint="Say at least how old they are, or how many of the newest stay.",
            )
        if self.effect is Effect.DELETE_TAGS and self.selection.is_tagged is False:
            raise RetentionRuleInvalid(
                "a rule that deletes tags cannot be about what is untagged", hint="Let it delete artifacts."
            )


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact as rules see it.

    Nothing that an index holds (but what has a tag of its own: `is_part`), and nothing that refers to something that
    is there.
    """

    digest: Digest
    pushed_at: Milliseconds
    """Or when it lost its last tag or came back from the bin, if that is later."""
    size: int = 0
    artifact_types: tuple[str, ...] = ()
    """What it is to people (`chart`), and what it says that it is."""
    last_used_at: Milliseconds | None = None
    is_part: bool = False
    """Whether an index holds it: then it cannot go by itself."""
    is_known: bool = True
    """Whether its labels and its size are known; what was pushed a moment ago is not yet."""
    labels: frozenset[str] = frozenset()
    """Each as `key=value`."""
    referrers: frozenset[str] = frozenset()
    """The types of what refers to it."""
    facts: frozenset[str] = frozenset()
    protection: str = ""
    """Why nothing deletes it, such as a hold; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as rules see it."""

    name: TagName
    digest: Digest
    set_at: Milliseconds
    last_used_at: Milliseconds | None = None
    protection: str = ""
    expires_at: Milliseconds | None = None
    """When somebody has said that it goes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a repository has, and since when it is recorded who uses what. A tag may be on what is no artifact here."""

    repository: RepositoryName
    artifacts: tuple[Artifact, ...]
    tags: tuple[Tag, ...]
    uses_since: Milliseconds


class Fate(StrEnum):
    """What becomes of a tag, or of an artifact without one."""

    KEPT = "kept"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a tag, or of an artifact without one (`tag` is None), and why."""

    digest: Digest
    tag: TagName | None
    fate: Fate
    reason: str
    rules: tuple[str, ...] = ()
    """Those that decided it."""
    with_artifact: bool = False
    """Whether the artifact goes, too."""
