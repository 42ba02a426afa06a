# SPDX-License-Identifier: Apache-2.0
"""What of a source is wanted, and what it is called here."""

from entrepot.features.access import parse_pattern
from entrepot.features.access import parse_tag_pattern
from entrepot.features.imports.errors import ImportInvalid
from entrepot.features.imports.models import MAX_NAMES
from entrepot.features.imports.models import MAX_PARALLEL
from entrepot.features.imports.models import MAX_PATTERNS
from entrepot.features.imports.models import MAX_STRIPPED
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import Terms
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.oci.reference import parse_repository_name

NOT_NAMED = "no pattern of tags that was asked for matches"
LEFT_OUT = "a pattern of tags that are left out matches"
NO_REFERRERS = "what refers to artifacts was not asked for"
STANDS_IN = "it stands for the list of referrers, which is answered here by itself"


class Filters:
    """Decides what comes. Raises as the parsers of patterns."""

    def __init__(self, terms: Terms, project: str) -> None:
        self._terms = terms
        self._project = project
        self._named = frozenset(terms.names)
        self._patterns = [parse_pattern(each) for each in terms.patterns]
        self._without = [parse_pattern(each) for each in terms.without]
        self._tags = [parse_tag_pattern(each) for each in terms.tags]
        self._without_tags = [parse_tag_pattern(each) for each in terms.without_tags]

    def takes(self, repository: str) -> bool:
        """Tell whether a repository that the source lists is wanted."""
        if any(each.matches(repository) for each in self._without):
            return False
        return repository in self._named or any(each.matches(repository) for each in self._patterns)

    def against(self, tag: str) -> str:
        """Say why a tag does not come, empty if it may."""
        if self._tags and not any(each.fullmatch(tag) for each in self._tags):
            return NOT_NAMED
        return LEFT_OUT if any(each.fullmatch(tag) for each in self._without_tags) else ""

    def judged(self, tag: str) -> tuple[Kind, str]:
        """Return what a tag is, and why it does not come: empty if it may."""
        subject = subject_of_fallback_tag(tag)
        if subject is None:
            return Kind.TAG, self.against(tag)
        if not subject.suffix:
            return Kind.DERIVED, STANDS_IN
        return Kind.DERIVED, "" if self._terms.with_referrers else NO_REFERRERS

    def target(self, repository: str) -> RepositoryName:
        """Return what a repository is called here. Raises `ImportInvalid`."""
        segments = repository.split("/")
        kept = segments[min(self._terms.strip, len(segments) - 1) :]
        name = "/".join(filter(None, (self._project, self._terms.prefix, *kept)))
        try:
            target = parse_repository_name(name)
        except AppError as error:
            why = f"{repository[:255]} cannot be called {name[:300]} here: {error.message}"
            raise ImportInvalid(why, detail={"field": "prefix"}) from error
        return target


def check_terms(terms: Terms, project: str) -> Filters:
    """Refuse what is too much, or no pattern and no name. Raises `ImportInvalid` and what parsers raise."""
    if not terms.names and not terms.patterns:
        raise ImportInvalid("an import is of repositories", hint="Name some, or give a pattern such as 'team/**'.")
    if len(terms.names) > MAX_NAMES:
        raise ImportInvalid(f"an import names at most {MAX_NAMES} repositories", hint="Take a pattern.")
    if max(map(len, (terms.patterns, terms.without, terms.tags, terms.without_tags))) > MAX_PATTERNS:
        raise ImportInvalid(f"an import has at most {MAX_PATTERNS} patterns of a sort")
    if not 0 <= terms.strip <= MAX_STRIPPED or not 1 <= terms.parallel <= MAX_PARALLEL:
        raise ImportInvalid(f"at most {MAX_STRIPPED} segments are left out, and {MAX_PARALLEL} artifacts come at once")
    if terms.newest is not None and terms.newest < 1:
        raise ImportInvalid("none of the newest would be no import")
    filters = Filters(terms, project)
    for name in terms.names:
        parse_repository_name(name)
        if namespace_of(filters.target(name)) != project:
            raise ImportInvalid(f"{name} would not come into the project {project}")
    filters.target("a")
    return filters
