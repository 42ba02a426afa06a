# SPDX-License-Identifier: Apache-2.0
"""What artifacts are, put together from what is known of them and of their parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from entrepot.features.artifacts import Traits
from entrepot.features.retention.belonging import Belonging
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.oci.digest import Digest
from entrepot.registry.store.contents import HeldManifest
from entrepot.registry.store.contents import SetTag

NOTHING = frozenset[str]()

Held = Mapping[Digest, HeldManifest]


@dataclass(frozen=True, slots=True)
class Described:
    """Tells of the manifests of a repository what rules go by. An index is what its parts are."""

    held: Held
    belonging: Belonging
    traits: Mapping[Digest, Traits]
    given: Mapping[Digest, Mapping[str, str]] = field(default_factory=dict)
    """Labels that people have put on."""

    def came_at(self, digest: Digest) -> Milliseconds:
        """Tell when it was pushed, or came back from the bin."""
        manifest = self.held[digest]
        return max(manifest.pushed_at, manifest.restored_at or manifest.pushed_at)

    def types(self, digest: Digest) -> tuple[str, ...]:
        """Tell what it is to people, if that is known, and what it says that it is."""
        manifest, known = self.held[digest], self.traits.get(digest)
        said = manifest.artifact_type or manifest.media_type
        return (known.type.value, said) if known else (said,)

    def is_known(self, digest: Digest) -> bool:
        """Tell whether labels and size are known, those of the parts too."""
        return all(each in self.traits for each in self._with_parts(digest))

    def size(self, digest: Digest) -> int:
        """Add up bytes: of the manifest, its configuration and layers, and of its parts."""
        return sum(
            self.held[each].size + (self.traits[each].total_size if each in self.traits else 0)
            for each in self._with_parts(digest)
        )

    def labels(self, digest: Digest) -> frozenset[str]:
        """Return the labels as `name=value`: what it says itself, what a part of it says, and what people say."""
        said = [*(each.labels for each in self._known(digest)), self.given.get(digest, {})]
        return frozenset(f"{name}={value}" for labels in said for name, value in labels.items())

    def referrers(self, digest: Digest) -> frozenset[str]:
        """Return the types of what refers to it."""
        referrers = self.belonging.referrers.get(digest)
        return frozenset(name for each in referrers for name in self.types(each)) if referrers else NOTHING

    def expiry(self, tag: SetTag) -> Milliseconds | None:
        """Return when a tag is to go, as its artifact says, or the part of it that stays longest."""
        lasts = [each.expires_after for each in self._known(tag.digest) if each.expires_after is not None]
        return after(tag.set_at, max(lasts)) if lasts else None

    def _known(self, digest: Digest) -> list[Traits]:
        return [self.traits[each] for each in self._with_parts(digest) if each in self.traits]

    def _with_parts(self, digest: Digest) -> tuple[Digest, ...]:
        return digest, *self.belonging.parts.get(digest, ())
