# SPDX-License-Identifier: Apache-2.0
"""From settings to a running instance: with `people`, the only place that names concrete classes."""

import time
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from typing import cast

from fastapi import APIRouter
from pwdlib import PasswordHash

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot import __version__
from entrepot.entry.configuration import Settings
from entrepot.entry.guarding import Guarding
from entrepot.entry.guarding import guarding_of
from entrepot.entry.instance import Instance
from entrepot.entry.instance import Task
from entrepot.entry.lifetimes import begin
from entrepot.entry.lifetimes import take_leave
from entrepot.entry.opening import DEFAULT_STORE
from entrepot.entry.opening import between_nodes
from entrepot.entry.opening import open_clock
from entrepot.entry.opening import open_documents
from entrepot.entry.opening import open_known_database
from entrepot.entry.opening import open_storage
from entrepot.entry.opening import store_keys
from entrepot.entry.opening import store_urls
from entrepot.entry.people import build_people
from entrepot.entry.people import parts_about_people
from entrepot.entry.people import standings_of
from entrepot.entry.telling import Known
from entrepot.entry.telling import parts_that_tell
from entrepot.entry.tls import authority_fingerprint
from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Standings
from entrepot.features.access.feature import access_parts
from entrepot.features.archive.feature import archive_parts
from entrepot.features.artifacts.feature import artifact_parts
from entrepot.features.audit import Pulls
from entrepot.features.audit import Refusals
from entrepot.features.backup.feature import backup_parts
from entrepot.features.break_glass import leave
from entrepot.features.break_glass import may_administer
from entrepot.features.break_glass.feature import break_glass_parts
from entrepot.features.copies.feature import feature as copies
from entrepot.features.dashboard.feature import feature as dashboard
from entrepot.features.descriptions.feature import description_parts
from entrepot.features.events.feature import feature as events
from entrepot.features.garbage import Grace
from entrepot.features.garbage import grace_of
from entrepot.features.garbage.feature import garbage_parts
from entrepot.features.grants import Grants
from entrepot.features.grants.feature import grant_parts
from entrepot.features.groups.feature import group_parts
from entrepot.features.guardrails import GuardedProjects
from entrepot.features.guardrails import GuardrailObjections
from entrepot.features.guardrails.feature import guardrail_parts
from entrepot.features.guide import Offer
from entrepot.features.guide.feature import guide_parts
from entrepot.features.history.feature import feature as history
from entrepot.features.holds.feature import feature as holds
from entrepot.features.identity import LoginThrottle
from entrepot.features.immutability.feature import immutability_parts
from entrepot.features.in_use.feature import feature as in_use
from entrepot.features.jobs.feature import feature as jobs
from entrepot.features.labels.feature import feature as labels
from entrepot.features.modes.feature import changes_in
from entrepot.features.modes.feature import mode_parts
from entrepot.features.naming.feature import naming_parts
from entrepot.features.projects import Lifetime
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects.feature import project_parts
from entrepot.features.promotions.feature import promotion_parts
from entrepot.features.quotas.feature import quota_parts
from entrepot.features.rate_limits import CountedPasswords
from entrepot.features.rate_limits import RateLimits
from entrepot.features.rate_limits.feature import rate_limits
from entrepot.features.retention.feature import retention_parts
from entrepot.features.robots import RobotAccounts
from entrepot.features.robots.feature import robot_parts
from entrepot.features.roles.feature import role_parts
from entrepot.features.search import ArtifactIndex
from entrepot.features.search import Search
from entrepot.features.search.feature import search_parts
from entrepot.features.sessions import SessionAuthenticator
from entrepot.features.system import Presence
from entrepot.features.system import Setup
from entrepot.features.system import System
from entrepot.features.system.feature import system_parts
from entrepot.features.templates import Starting
from entrepot.features.templates import TemplateRights
from entrepot.features.templates.feature import template_parts
from entrepot.features.tokens import CredentialChecks
from entrepot.features.tokens import HeaderAuthenticator
from entrepot.features.tokens import NamedLogins
from entrepot.features.tokens import RefreshTokens
from entrepot.features.tokens import SigningKeys
from entrepot.features.tokens import TokenEndpoint
from entrepot.features.tokens import TokenService
from entrepot.features.tokens import load_signing_keys
from entrepot.features.tokens.feature import feature as tokens_feature
from entrepot.features.usage.feature import usage_parts
from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.http.api import build_api
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.jobs.queue import declare_schedules
from entrepot.infra.jobs.worker import JobKind
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.jobs.worker import WorkerSettings
from entrepot.infra.storage.interface import Storage
from entrepot.infra.telemetry.health import Health
from entrepot.kernel.access import Authorizer
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.attaching import Attaching
from entrepot.registry.collecting import Collecting
from entrepot.registry.copying import Copying
from entrepot.registry.core import Core
from entrepot.registry.delete import Delete
from entrepot.registry.four_eyes import ALONE
from entrepot.registry.four_eyes import FourEyes
from entrepot.registry.gates import Gates
from entrepot.registry.hooks import Gate
from entrepot.registry.hooks import Listener
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.intake import Intake
from entrepot.registry.last_answers import LastAnswers
from entrepot.registry.last_answers import Outage
from entrepot.registry.manifest_cache import ManifestCache
from entrepot.registry.mode_changes import ModeChanges
from entrepot.registry.modes import Modes
from entrepot.registry.platform import Platform
from entrepot.registry.pull import Pull
from entrepot.registry.push import Push
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.settings import RegistrySettings
from entrepot.registry.store import repositories
from entrepot.registry.store_facts import pull_facts
from entrepot.registry.undelete import Undelete

FEATURES: tuple[Feature[Platform], ...] = (
    copies,
    history,
    holds,
    in_use,
    labels,
    tokens_feature,
    jobs,
    dashboard,
    events,
)


def build_core(
    database: Database,
    storage: Storage,
    authorizer: Authorizer,
    *,
    settings: RegistrySettings,
    store_urls: Sequence[str] = (DEFAULT_STORE,),
    news: Doorbell | None = None,
) -> Core:
    """Put the distribution core together. Needs no feature."""
    store_id = database.write_now(repositories.settle_store, store_urls)
    in_force = Modes(database, authorizer)
    return Core(
        database=database,
        stores={store_id: storage},
        default_store=store_id,
        authorizer=authorizer,
        gates=Gates(),
        origins=[],
        settings=settings,
        clock=system_clock,
        facts=pull_facts(database, in_force, settings.region, system_clock),
        modes=in_force,
        last_answers=LastAnswers(database, Outage(settings.outage_grace_seconds)),
        manifest_cache=ManifestCache(settings.manifest_cache_mib * 1024 * 1024),
        wake_listeners=(news or Doorbell()).ring,
    )


def _platform(
    core: Core,
    rights: Rights,
    doorbell: Doorbell,
    grace: Grace,
    four_eyes: FourEyes = ALONE,
    commits: Doorbell | None = None,
) -> Platform:
    return Platform(
        database=core.database,
        stores=core.stores,
        clock=core.clock,
        rights=rights,
        pull=Pull(core),
        push=Push(core),
        delete=Delete(core),
        undelete=Undelete(core),
        copying=Copying(core, rights),
        attaching=Attaching(core, rights),
        intake=Intake(core, rights),
        referrers=Referrers(core),
        repositories=Repositories(core),
        modes=core.modes,
        mode_changes=ModeChanges(core),
        collecting=Collecting.of(core, lambda: grace.ms),
        doorbell=doorbell,
        commits=commits or Doorbell(),
        sent=core.sent,
        health=Health({}, {}, time.monotonic),
        four_eyes=four_eyes,
    )


def _worker(core: Core, parts: Iterable[Parts], doorbell: Doorbell) -> Worker:
    kinds = [cast("JobKind[Any]", kind) for part in parts for kind in part.jobs]
    core.database.write_now(declare_schedules, [each for kind in kinds for each in kind.schedules], core.clock())
    return Worker(core.database, kinds, doorbell, core.clock, WorkerSettings())


def _parts_about_projects(
    platform: Platform,
    authorizer: GrantAuthorizer,
    visibility: ProjectVisibility,
    standings: Standings,
    settings: Settings,
    guarding: Guarding,
) -> list[Parts]:
    """Mount the features that share the projects."""
    guard = guarding.guard
    rights = ProjectRights(GuardedProjects(authorizer, guard), visibility)
    starting, objections = Starting(guard.closed), GuardrailObjections(platform.database, guard)
    grants = Grants(platform, authorizer, standings, guard, guarding.require_another_way_in)
    found, leave_it = partial(begin, starting), partial(take_leave, platform.clock)
    lifetime = Lifetime(found, starting.repositories, leave_it, authorizer.forget_all)
    projects = Projects(platform, rights, visibility, lifetime, guard)
    plain_rights, server = ProjectRights(authorizer, visibility), settings.server
    return [
        access_parts(platform, authorizer, visibility, objections),
        project_parts(platform, projects, lifetime),
        role_parts(platform, authorizer.forget_all),
        grant_parts(platform, grants, projects, rights),
        robot_parts(platform, settings.robots, authorizer, grants, projects, rights),
        group_parts(platform, authorizer.is_account, authorizer.forget_all, leave, may_administer),
        break_glass_parts(platform, authorizer, standings, guard),
        artifact_parts(platform, ArtifactIndex(platform.database).follow),
        search_parts(platform, Search(platform, projects), Challenger(server.public_url, server.known_hosts)),
        usage_parts(platform, settings.usage, rights),
        mode_parts(platform, projects, rights),
        template_parts(platform, projects, TemplateRights(platform, rights, grants, guard), starting),
        guardrail_parts(platform, guard, guarding.in_force, guarding.simulations, plain_rights),
        immutability_parts(platform, rights),
        retention_parts(platform, projects, rights),
        naming_parts(platform, rights),
        description_parts(platform, rights),
        quota_parts(platform, rights),
        promotion_parts(platform, rights),
    ]


def _tasks(parts: Iterable[Parts]) -> tuple[Task, ...]:
    return tuple(cast("Task", task) for part in parts for task in part.tasks)


def _parts_about_instance(
    platform: Platform, settings: Settings, keys: SigningKeys, presence: Presence, others: Iterable[Parts]
) -> list[Parts]:
    """Mount what is about the whole instance; the guide names the features of `others` too."""
    challenger = Challenger(settings.server.public_url, settings.server.known_hosts)
    [store] = platform.stores.values()
    setup = Setup(presence.node, settings.server.workers, store.url)
    system = system_parts(platform, System(platform.database, platform.rights, keys, setup), challenger)
    garbage = garbage_parts(platform, settings.garbage, _grace(settings))
    backup = backup_parts(platform, settings.backup, store_keys(settings))
    nouns = {str(tag) for router in _routers((*others, system, garbage, backup)) for tag in router.tags}
    offer = Offer(__version__, settings.server.path_prefix, authority_fingerprint(settings), sorted(nouns))
    archive = archive_parts(platform, settings.archive, open_documents(settings))
    return [system, garbage, backup, archive, guide_parts(platform, offer, challenger)]


def _routers(parts: Iterable[Parts]) -> Iterable[APIRouter]:
    return (cast("APIRouter", router) for part in parts for router in part.routes)


def _core_of(settings: Settings, database: Database, authorizer: Authorizer, news: Doorbell, clock: Clock) -> Core:
    storage, urls = open_storage(settings, database), store_urls(settings)
    core = build_core(database, storage, authorizer, settings=settings.registry, store_urls=urls, news=news)
    spill = settings.data_dir / "spill"
    is_strict = settings.audit.pulls is Pulls.STRICT
    facts = pull_facts(database, core.modes, core.settings.region, clock, spill, is_strict=is_strict)
    return replace(core, clock=clock, facts=facts)


def _presence(settings: Settings, database: Database, limits: RateLimits, clock: Clock) -> Presence:
    """Let limits be divided by the server processes that are alive, and by those that this server is starting."""
    workers = settings.server.workers
    limits.divide(workers)
    return Presence(database, __version__, clock, told=lambda alive: limits.divide(max(alive, workers)))


def _among_nodes(
    settings: Settings, database: Database, news: Doorbell, work: Doorbell
) -> tuple[Clock, Doorbell, tuple[Task, ...]]:
    """Return the time that all nodes share, what rings for the commits of all, and what has to run for both."""
    clock, keeping_time = open_clock(database)
    commits, relaying = between_nodes(settings, news, work)
    return clock, commits, (*keeping_time, *relaying)


def _grace(settings: Settings) -> Grace:
    return grace_of(settings.garbage, settings.storage.redirect_minutes)


def build_instance(
    settings: Settings,
    clock: Clock | None = None,
    features: Iterable[Feature[Platform]] = FEATURES,
    hasher: PasswordHash | None = None,
) -> Instance:
    """Put everything together for one server process. Blocks; raises `AppError` when something is not in order."""
    database, news, work = open_known_database(settings), Doorbell(), Doorbell()
    common, commits, with_others = _among_nodes(settings, database, news, work)
    clock = clock or common
    limits, throttle = rate_limits(settings.rate_limits, clock), LoginThrottle(database, clock)
    passwords = CountedPasswords(clock, hasher, limits)
    people = build_people(settings, database, passwords, throttle, clock)
    standings = standings_of(people, RobotAccounts(database))
    guarding, grace_ms = guarding_of(database, people.users, clock), settings.registry.outage_grace_seconds * SECOND_MS
    visibility = ProjectVisibility(database, clock, grace_ms, guarding.guard.closed)
    authorizer = GrantAuthorizer(database, standings, visibility, clock, grace_ms=grace_ms)
    named = NamedLogins(database, people.accounts, passwords, throttle)
    credentials = CredentialChecks(database, named, throttle, standings, clock, grace_ms=grace_ms)
    keys = load_signing_keys(database, people.instance_key, clock)
    tokens = TokenService(keys, authorizer, credentials, clock)
    authenticator, refresh = HeaderAuthenticator(credentials, tokens), RefreshTokens(database, credentials, clock)
    core = replace(_core_of(settings, database, authorizer, news, common), may_redirect=visibility.allows_redirects)
    rights = Rights(SessionAuthenticator(authenticator, people.sessions), authorizer, core.modes, limits)
    platform = _platform(core, rights, work, _grace(settings), people.four_eyes, commits)
    parts = [feature.mount(platform) for feature in features]
    parts += parts_about_people(platform, people, settings, authorizer.forget)
    parts += _parts_about_projects(platform, authorizer, visibility, standings, settings, guarding)
    refusals, presence = Refusals(database, platform.clock), _presence(settings, database, limits, platform.clock)
    parts += parts_that_tell(platform, settings, refusals, Known(authorizer, visibility, people.instance_key))
    parts += _parts_about_instance(platform, settings, keys, presence, parts)
    core.gates.mount(cast("Gate", gate) for part in parts for gate in part.gates)
    return Instance(
        settings=settings,
        core=core,
        registry=RegistryApplication(core, rights, Challenger(settings.server.public_url, settings.server.known_hosts)),
        tokens=TokenEndpoint(credentials, authenticator, tokens, refresh, limits),
        api=build_api(_routers(parts), __version__, changes_in(core.modes)),
        listeners=tuple(cast("Listener", listener) for part in parts for listener in part.listeners),
        jobs=_worker(core, parts, work),
        news=news,
        work=work,
        passwords=passwords,
        uses=credentials.uses,
        limits=limits,
        health=platform.health,
        presence=presence,
        tasks=(*_tasks(parts), *with_others),
        refusals=refusals,
    )
