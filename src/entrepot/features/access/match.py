# SPDX-License-Identifier: Apache-2.0
"""Path patterns: which repository names a grant is about; tag patterns: which tags.

| pattern | matches |
|---|---|
| `alpine` | the repository `alpine` and no other |
| `alpine/**` | `alpine` and everything below it |
| `team-*/app` | `team-a/app`; a `*` stands for any characters of one segment, also for none |
| `**` | every repository |

A tag pattern is one such segment, in the grammar of tags: `v*`, `dev-*`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import beginning_with
from entrepot.kernel.spans import exactly
from entrepot.kernel.spans import subtree

MAX_PATTERN_LENGTH = 255
MAX_TAG_PATTERN_LENGTH = 128

_SEGMENT = re.compile(r"(?:[a-z0-9._-]|\*(?!\*))+")
_TAG = re.compile(r"(?:\w|[.-]|\*(?!\*))+", re.ASCII)


class InvalidPattern(InvalidRequest):
    """The path pattern is not valid."""

    code = "invalid_path_pattern"
    default_hint = "Write a name such as 'team/app', 'team/*', or 'team/**' for a project and everything in it."


class InvalidTagPattern(InvalidRequest):
    """The tag pattern is not valid."""

    code = "invalid_tag_pattern"
    default_hint = "Write a tag such as 'latest', or a pattern such as 'v*'; leave it out for all tags."


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path pattern that was read. `stem` is what stands before a final `/**`; empty means everything."""

    stem: str
    includes_below: bool
    glob: re.Pattern[str] | None
    """Matches whole names; None when the stem has no `*`."""

    def matches(self, repository: str) -> bool:
        """Tell whether a repository name matches."""
        if self.glob is not None:
            return self.glob.fullmatch(repository) is not None
        if repository == self.stem:
            return True
        return self.includes_below and (not self.stem or repository.startswith(f"{self.stem}/"))

    def spans(self) -> list[Span]:
        """Return where all names that match lie; where the stem has a `*`, others lie there too."""
        if self.glob is not None:
            return [beginning_with(self.stem.partition("*")[0])]
        if not self.stem:
            return [EVERY_NAME]
        return subtree(self.stem) if self.includes_below else [exactly(self.stem)]

    def reaches(self, project: str) -> bool:
        """Tell whether some name in the project matches, whatever repositories there are."""
        first = self.stem.partition("/")[0]
        return not first or parse_pattern(first).matches(project)

    def includes(self, other: "Pattern") -> bool:
        """Tell whether every name that `other` matches is matched.

        A `*` of `other` stands for any characters of a segment: where a `*` of this pattern takes it as
        a character, it takes whatever it stands for. So it is never True wrongly.
        """
        if not self.stem:
            return True
        if not other.stem or (other.includes_below and not self.includes_below):
            return False
        return self.matches(other.stem)


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """Read a path pattern. Raises `InvalidPattern`."""
    if len(text) > MAX_PATTERN_LENGTH:
        raise InvalidPattern(f"the path pattern has {len(text)} characters, at most {MAX_PATTERN_LENGTH} are accepted")
    if text == "**":
        return Pattern("", includes_below=True, glob=None)
    stem = text.removesuffix("/**")
    segments = stem.split("/")
    for segment in segments:
        if _SEGMENT.fullmatch(segment) is None:
            raise InvalidPattern(f"the path pattern {text!r} has a segment {segment!r}, which no name can match")
    includes_below = stem != text
    return Pattern(stem, includes_below, _glob(segments, includes_below) if "*" in stem else None)


@lru_cache(maxsize=1024)
def parse_tag_pattern(text: str) -> re.Pattern[str]:
    """Read a tag pattern as an expression that matches whole tags. Raises `InvalidTagPattern`."""
    if len(text) > MAX_TAG_PATTERN_LENGTH or _TAG.fullmatch(text) is None:
        raise InvalidTagPattern(f"{text[:MAX_TAG_PATTERN_LENGTH]!r} matches no tag")
    return re.compile(_segment_glob(text))


def tags_include(pattern: str, other: str) -> bool:
    """Tell whether the tag pattern `pattern` matches every tag that `other` does; empty means all tags."""
    return not pattern or (bool(other) and parse_tag_pattern(pattern).fullmatch(other) is not None)


def _glob(segments: list[str], includes_below: bool) -> re.Pattern[str]:
    return re.compile("/".join(map(_segment_glob, segments)) + ("(?:/.*)?" if includes_below else ""))


def _segment_glob(segment: str) -> str:
    """Translate one segment into an expression that never goes back over a `*` but the last (linear time)."""
    first, *rest = map(re.escape, segment.split("*"))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{literal})" for literal in middle) + f"[^/]*{last}"


def is_within(project: str, pattern: str) -> bool:
    """Tell whether a path pattern matches repositories of a project only. Raises as `parse_pattern`."""
    return parse_pattern(f"{project}/**").includes(parse_pattern(pattern))
