# SPDX-License-Identifier: Apache-2.0
"""One copy, from its names to its report: what `entrepot push`, `pull` and `copy` have in common."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AsyncExitStack
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from urllib.request import getproxies

from entrepot.infra.distribution.closure import Closure
from entrepot.infra.distribution.closure import Gathering
from entrepot.infra.distribution.content import Outcome
from entrepot.infra.distribution.content import Source
from entrepot.infra.distribution.content import Target
from entrepot.infra.distribution.copying import Copying
from entrepot.infra.distribution.copying import Report
from entrepot.infra.distribution.docker_config import docker_config_of_user
from entrepot.infra.distribution.errors import ContentWrong
from entrepot.infra.distribution.errors import PlaceInvalid
from entrepot.infra.distribution.flow import Flow
from entrepot.infra.distribution.notes import notes_of_user
from entrepot.infra.distribution.opening import Chosen
from entrepot.infra.distribution.opening import Registries
from entrepot.infra.distribution.opening import chosen
from entrepot.infra.distribution.opening import open_file_source
from entrepot.infra.distribution.opening import open_file_target
from entrepot.infra.distribution.opening import registry_source
from entrepot.infra.distribution.opening import registry_target
from entrepot.infra.distribution.own_logins import LoginsOfUser
from entrepot.infra.distribution.place_name import FilePlace
from entrepot.infra.distribution.place_name import Place
from entrepot.infra.distribution.place_name import RegistryPlace
from entrepot.infra.distribution.place_name import Transport
from entrepot.infra.distribution.repository import Repository
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.infra.remote.address import authority_of
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName

READ_SECONDS = 60.0
LOOPBACK = ("localhost", ".localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be copied, and how."""

    source: Place
    destination: Place
    takes_all: bool = False
    platform: str = ""
    with_referrers: bool = True
    parallel: int = 4
    is_dry: bool = False
    allows_plain_http: bool = False


async def copied(wanted: Wanted, flow: Flow) -> Mapping[str, Any]:
    """Copy, or look at what would be copied; return what to tell of it. Raises as the places do."""
    wanted = _named(wanted)
    async with _registries(wanted, flow) as (registries, logins):
        address = await asyncio.to_thread(_addresses, wanted, logins)
        async with AsyncExitStack() as opened:
            source = await _source(wanted, registries, address)
            opened.push_async_callback(source.close)
            things = await chosen(source, wanted.source, takes_all=wanted.takes_all)
            closure, digests = await _gathered(source, things, wanted)
            target = await _target(wanted, registries, address)
            opened.push_async_callback(target.close)
            copying = Copying(source, target, flow, wanted.parallel)
            report = await (copying.look(closure) if wanted.is_dry else copying.run(closure))
    return _told(wanted, closure, digests, report)


def _named(wanted: Wanted) -> Wanted:
    """Give an archive of docker's the name that the image has, and leave out what has no place in it."""
    destination = wanted.destination
    if isinstance(destination, RegistryPlace):
        if wanted.takes_all and (destination.tag or destination.digest):
            raise PlaceInvalid("everything is to be copied, to a single tag", hint="Leave out the tag.")
        return wanted
    if wanted.takes_all and destination.tag:
        raise PlaceInvalid("everything is to be copied, to a single name", hint="Leave out the tag.")
    if destination.transport is not Transport.DOCKER_ARCHIVE:
        return wanted
    source = wanted.source
    if not destination.name and isinstance(source, RegistryPlace):
        name = f"{source.host}{'/' if source.host else ''}{source.repository}"
        destination = replace(destination, name=name)
    return replace(wanted, destination=destination, with_referrers=False)


@asynccontextmanager
async def _registries(wanted: Wanted, flow: Flow) -> AsyncIterator[tuple[Registries, LoginsOfUser]]:
    logins = LoginsOfUser(docker_config_of_user())
    hosts = [each.host for each in (wanted.source, wanted.destination) if isinstance(each, RegistryPlace)]
    plain = frozenset(hosts) if wanted.allows_plain_http else frozenset()
    outbound = Outbound(_settings(wanted.parallel))
    plain |= await asyncio.to_thread(logins.plain)
    ways = Ways(outbound, is_guarded=False, plain=plain, ca_files=await asyncio.to_thread(logins.ca_files))
    try:
        yield Registries(ways, logins, flow.persistence), logins
    finally:
        await ways.close()


def _settings(parallel: int) -> OutgoingSettings:
    """Return how registries are reached, through a proxy where the environment names one, as other clients do."""
    proxies = getproxies()
    return OutgoingSettings(
        proxy=proxies.get("https", ""),
        no_proxy=(*LOOPBACK, *filter(None, map(str.strip, proxies.get("no", "").split(",")))),
        read_seconds=READ_SECONDS,
        connections=2 * parallel + 4,
    )


def _addresses(wanted: Wanted, logins: LoginsOfUser) -> Mapping[RegistryPlace, str]:
    found = {}
    for each in (wanted.source, wanted.destination):
        if isinstance(each, RegistryPlace):
            address = logins.address_of(each.host)
            if wanted.allows_plain_http and each.host:
                address = f"http://{authority_of(address)}"
            found[each] = address
    return found


async def _source(wanted: Wanted, registries: Registries, addresses: Mapping[RegistryPlace, str]) -> Source:
    place = wanted.source
    if isinstance(place, FilePlace):
        return await open_file_source(place)
    return registry_source(await registries.repository(addresses[place], place, writes=False))


async def _target(wanted: Wanted, registries: Registries, addresses: Mapping[RegistryPlace, str]) -> Target:
    place = wanted.destination
    if isinstance(place, FilePlace):
        return await open_file_target(place, is_dry=wanted.is_dry)
    repository: Repository = await registries.repository(addresses[place], place, writes=not wanted.is_dry)
    return registry_target(repository, await asyncio.to_thread(notes_of_user))


async def _gathered(source: Source, things: Sequence[Chosen], wanted: Wanted) -> tuple[Closure, list[Digest]]:
    """Gather all of it, each thing with the tag that it gets."""
    gathering = Gathering(source, platform=wanted.platform, with_referrers=wanted.with_referrers)
    digests = [await gathering.add(each.reference, _tag(each, wanted)) for each in things]
    if not digests:
        raise PlaceInvalid(f"{wanted.source} has nothing to copy")
    expected = wanted.destination.digest
    if expected is not None and digests != [expected]:
        raise ContentWrong(f"{wanted.source} is {digests[0]}, and the destination names {expected}", hint="")
    return gathering.closure, digests


def _tag(each: Chosen, wanted: Wanted) -> TagName | None:
    destination = wanted.destination
    if destination.tag is not None and not wanted.takes_all:
        return destination.tag
    return None if destination.digest is not None else each.tag


def _told(wanted: Wanted, closure: Closure, digests: Sequence[Digest], report: Report) -> Mapping[str, Any]:
    copied = report.blobs[Outcome.COPIED]
    return {
        "source": str(wanted.source),
        "destination": str(wanted.destination),
        "is_dry_run": wanted.is_dry,
        "digests": sorted(set(digests)),
        "tags": sorted(closure.tags),
        "manifests": {"in_all": report.manifests, "missing_before": report.manifests_missing},
        "blobs": {
            "in_all": len(closure.blobs),
            "copied": 0 if wanted.is_dry else copied,
            "to_copy": copied if wanted.is_dry else 0,
            "mounted": report.blobs[Outcome.MOUNTED],
            "there_before": report.blobs[Outcome.THERE],
        },
        "bytes": {"in_all": report.bytes_in_all, "missing_before": report.bytes_missing},
        "seconds": round(report.seconds, 3),
    }
