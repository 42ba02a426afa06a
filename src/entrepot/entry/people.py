# SPDX-License-Identifier: Apache-2.0
"""What knows people, put together: accounts, logins, and the features by which people come, go and need each other."""

from collections.abc import Callable
from dataclasses import dataclass

from entrepot.entry.configuration import Settings
from entrepot.entry.opening import open_instance_key
from entrepot.features.access import Standings
from entrepot.features.approvals import SecondPerson
from entrepot.features.approvals.feature import approval_parts
from entrepot.features.identity import Accounts
from entrepot.features.identity import LocalPasswords
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import Users
from entrepot.features.invitations import Invitations
from entrepot.features.invitations.feature import invitation_parts
from entrepot.features.robots import RobotAccounts
from entrepot.features.second_factors import Enrolment
from entrepot.features.second_factors import Requirement
from entrepot.features.second_factors import SecondFactors
from entrepot.features.second_factors.feature import second_factor_parts
from entrepot.features.sessions import Logins
from entrepot.features.sessions import Sessions
from entrepot.features.sessions.feature import session_parts
from entrepot.features.tokens import InstanceKey
from entrepot.features.users.feature import user_parts
from entrepot.infra.database.engine import Database
from entrepot.infra.http.challenge import Challenger
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import Clock
from entrepot.kernel.feature import Parts
from entrepot.registry.four_eyes import FourEyes
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class People:
    """What knows people, and how they prove who they are."""

    accounts: Accounts
    users: Users
    sessions: Sessions
    logins: Logins
    enrolment: Enrolment
    throttle: LoginThrottle
    four_eyes: FourEyes
    instance_key: InstanceKey
    """What secrets of theirs, and of everything else, are sealed with."""


def build_people(
    settings: Settings, database: Database, passwords: PasswordChecks, throttle: LoginThrottle, clock: Clock
) -> People:
    """Put together what knows people. Blocks; raises `AppError` when something is not in order."""
    four_eyes = SecondPerson(settings.approvals, clock)
    instance_key = open_instance_key(settings, database)
    requirement = Requirement(database, settings.second_factors, clock)
    local = LocalPasswords(database, settings.identity, clock)
    local.warn()
    accounts = Accounts(database, passwords, throttle, requirement, local)
    users = Users(database, accounts, passwords, settings.data_dir, clock, four_eyes)
    factors = SecondFactors(database, instance_key, requirement, throttle, clock)
    sessions = Sessions(database, users, factors, settings.sessions.limits, clock)
    logins = Logins(database, sessions, accounts, factors, clock)
    enrolment = Enrolment(database, instance_key, factors, clock, four_eyes)
    return People(accounts, users, sessions, logins, enrolment, throttle, four_eyes, instance_key)


def parts_about_people(
    platform: Platform, people: People, settings: Settings, forget: Callable[[PrincipalKind, str], None]
) -> list[Parts]:
    """Mount the features that people log in with, by which they come and go, and in which one needs another."""
    public_url = settings.server.public_url
    of_sessions, login_changed = session_parts(platform, people.sessions, people.logins, public_url)
    challenger = Challenger(public_url, settings.server.known_hosts)
    invitations = Invitations(platform, people.users, people.instance_key, people.throttle, forget)
    return [
        of_sessions,
        user_parts(platform, people.users, people.sessions, login_changed, forget),
        invitation_parts(platform, invitations, challenger, settings.server.path_prefix),
        second_factor_parts(platform, people.enrolment, login_changed, public_url),
        approval_parts(platform, settings.approvals),
    ]


def standings_of(people: People, robots: RobotAccounts) -> Standings:
    """Tell how to look up whether an account is there, for each kind of them."""
    return {PrincipalKind.USER: people.accounts.standing, PrincipalKind.ROBOT: robots.standing}
