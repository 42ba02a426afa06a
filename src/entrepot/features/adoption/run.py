# SPDX-License-Identifier: Apache-2.0
"""One run over a tree: what is new there is adopted, repository by repository, in the order in which it is listed.

A repository's links to layers come before those to manifests, and these before its tags. Nothing is kept between
runs but what is recorded of images, so that one that was killed goes on where it was, by asking what is known.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from entrepot.features.adoption.examining import MAX_LINK_BYTES
from entrepot.features.adoption.examining import Examiner
from entrepot.features.adoption.examining import all_of
from entrepot.features.adoption.models import Flawed
from entrepot.features.adoption.models import Progress
from entrepot.features.adoption.models import Report
from entrepot.features.adoption.models import Tell
from entrepot.features.adoption.models import Wanted
from entrepot.features.adoption.places import REPOSITORIES
from entrepot.features.adoption.places import Kind
from entrepot.features.adoption.places import Place
from entrepot.features.adoption.places import placed
from entrepot.features.adoption.places import repository_of
from entrepot.infra.storage.tree import NoTree
from entrepot.infra.storage.tree import Tree
from entrepot.infra.storage.tree import TreeFile
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.digest import parse_digest
from entrepot.oci.errors import OciError
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.adoption import Adoption
from entrepot.registry.adoption import Image
from entrepot.registry.adoption import InAnotherStore
from entrepot.registry.modes import RefusedByMode

AT_ONCE = 64
"""How many manifests or tags are looked at together."""

IMAGES_PER_TRANSACTION = 8


async def adopt(adoption: Adoption, tree: Tree, wanted: Wanted, tell: Tell, *, may_be_sparse: bool = False) -> Report:
    """Adopt what is wanted and not here yet.

    Raises `NoTree`, `TreeIsOurs`, `StorageUnavailable` and `DatabaseUnavailable`; what was adopted before stays.
    """
    await adoption.require_shared()
    total = await _counted(tree) if tell is not quiet else 0
    examiner = Examiner(tree, adoption.sizes, wanted.is_deep, may_be_sparse)
    run = _Run(adoption, examiner, wanted, tell, total)
    async for file in tree.files(REPOSITORIES):
        await run.see(file)
    await run.flush()
    if not run.has_seen_any:
        raise NoTree
    if not wanted.is_dry and any(run.report.counts.values()):
        await adoption.conclude(run.report.counts)
    return run.report


def quiet(progress: Progress) -> None:
    """Tell nobody."""


async def _counted(tree: Tree) -> int:
    """Count the manifests and tags of a tree, by listing it once before."""
    count = 0
    async for file in tree.files(REPOSITORIES):
        place = placed(file.path)
        count += place is not None and place.kind is not Kind.LAYER
    return count


@dataclass(slots=True)
class _Repository:
    """What was seen of one repository and is not done; without a `name` it is not wanted, or cannot be."""

    said: str
    name: RepositoryName | None
    layers: set[Digest] = field(default_factory=set)
    manifests: list[Digest] = field(default_factory=list)
    tags: list[tuple[TagName, str]] = field(default_factory=list)
    would_be: set[Digest] = field(default_factory=set)
    """In a dry run: the manifests that would be adopted."""


@dataclass(slots=True)
class _Run:
    adoption: Adoption
    examiner: Examiner
    wanted: Wanted
    tell: Tell
    total: int
    report: Report = field(default_factory=Report)
    current: _Repository = field(default_factory=lambda: _Repository("", None))
    would_be_blobs: set[Digest] = field(default_factory=set)
    has_seen_any: bool = False
    done: int = 0

    async def see(self, file: TreeFile) -> None:
        """Look at one file; work is done once there is enough of it."""
        self.has_seen_any = True
        place = placed(file.path)
        said = repository_of(file.path) if place is None else place.repository
        if said != self.current.said and (place is not None or file.flaw):
            await self.flush()
            self.current = self._begun(said)
        if self.current.name is None:
            self.done += place is not None and place.kind is not Kind.LAYER
            return
        if file.flaw:
            self.report.add(said, file.path.removeprefix(REPOSITORIES), file.flaw)
        elif place is not None:
            await self._note(place, file)

    async def flush(self) -> None:
        """Do what was noted of the current repository."""
        await self._adopt_manifests()
        await self._set_tags()

    def _begun(self, said: str) -> _Repository:
        if not self.wanted.includes(said):
            return _Repository(said, None)
        self.report.repositories += 1
        try:
            return _Repository(said, parse_repository_name(f"{self.wanted.into}/{said}".lstrip("/")))
        except OciError as error:
            self.report.add(said, "repository", error.message)
            return _Repository(said, None)

    async def _note(self, place: Place, file: TreeFile) -> None:
        try:
            if not 0 < file.size <= MAX_LINK_BYTES:
                raise Flawed(f"its link has {file.size} bytes, as none has")
            if place.kind is Kind.TAG:
                self.current.tags.append((parse_tag(place.what), file.path))
            elif place.kind is Kind.MANIFEST:
                self.current.manifests.append(parse_digest(place.what))
            else:
                self.current.layers.add(parse_digest(place.what))
        except AppError as error:
            self.done += place.kind is not Kind.LAYER
            self.report.add(place.repository, f"{place.kind.value} {place.what}", error.message)
        if len(self.current.manifests) >= AT_ONCE or (self.current.tags and self.current.manifests):
            await self._adopt_manifests()
        if len(self.current.tags) >= AT_ONCE:
            await self._set_tags()

    async def _adopt_manifests(self) -> None:
        current, digests = self.current, self.current.manifests
        current.manifests = []
        if current.name is None or not digests:
            return
        known = await self.adoption.known(current.name, digests)
        new = [digest for digest in digests if digest not in known]
        self.report.known_manifests += len(known)
        examined = await self.examiner.manifests(current.name, new, current.layers)
        flawed, images = examined.flawed, examined.images
        if not self.wanted.is_dry:
            flawed |= await self._take(current.name, images)
        taken = [image for image in images if image.push.digest not in flawed]
        if self.wanted.is_dry:
            current.would_be.update(image.push.digest for image in taken)
        self._count(taken, examined.new_blobs)
        for digest, why in flawed.items():
            self.report.add(current.said, f"manifest {digest}", why)
        self._advance(len(digests))

    async def _take(self, name: RepositoryName, images: Sequence[Image]) -> dict[Digest, str]:
        """Adopt some images at a time; return which could not be, and why."""
        refused: dict[Digest, str] = {}
        for start in range(0, len(images), IMAGES_PER_TRANSACTION):
            some = images[start : start + IMAGES_PER_TRANSACTION]
            try:
                refused |= await self.adoption.take(name, some)
            except (RefusedByMode, InAnotherStore) as error:
                refused |= {image.push.digest: error.message for image in some}
        return refused

    def _count(self, taken: Sequence[Image], new_blobs: Mapping[Digest, int]) -> None:
        held = {digest for image in taken for digest in image.blobs} & new_blobs.keys()
        if self.wanted.is_dry:
            held -= self.would_be_blobs
            self.would_be_blobs |= held
        self.report.manifests += len(taken)
        self.report.blobs += len(held)
        self.report.bytes += sum(new_blobs[digest] for digest in held)

    async def _set_tags(self) -> None:
        current, noted = self.current, self.current.tags
        current.tags = []
        if current.name is None or not noted:
            return
        wanted: dict[TagName, Digest] = {}
        for (tag, _), digest in zip(noted, await all_of(self.examiner.tag, [path for _, path in noted]), strict=True):
            if isinstance(digest, Flawed):
                self.report.add(current.said, f"tag {tag}", digest.message)
            else:
                wanted[tag] = digest
        for tag in await self._point(current, wanted):
            self.report.add(current.said, f"tag {tag}", f"it points at {wanted[tag]}, which is not here")
        self._advance(len(noted))

    async def _point(self, current: _Repository, wanted: Mapping[TagName, Digest]) -> list[TagName]:
        """Point tags at manifests; return those whose manifest is not here, nor would be."""
        if current.name is None or not wanted:
            return []
        try:
            work = self.adoption.judge if self.wanted.is_dry else self.adoption.tag
            done = await work(current.name, wanted)
        except (RefusedByMode, InAnotherStore) as error:
            for tag in wanted:
                self.report.add(current.said, f"tag {tag}", error.message)
            return []
        coming = [tag for tag in done.lost if wanted[tag] in current.would_be]
        self.report.tags += len(done.set) + len(coming)
        self.report.known_tags += len(done.same)
        self.report.left_tags += len(done.left)
        return [tag for tag in done.lost if tag not in coming]

    def _advance(self, count: int) -> None:
        self.done += count
        self.tell(Progress(self.done, self.total, self.report.repositories))
