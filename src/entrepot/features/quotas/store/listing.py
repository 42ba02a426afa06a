# SPDX-License-Identifier: Apache-2.0
"""Who uses what, most first: one page at a time, sorted by the database."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import true

from entrepot.features.quotas.models import EVERY_PROJECT
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.tables import quota_totals
from entrepot.features.quotas.tables import quotas

UNLIMITED = -1
"""The percentage of who has no limit."""


class Order(StrEnum):
    """What a list is sorted by: `percent` of the resource that is nearest to its limit, `used` bytes, or `name`."""

    PERCENT = "percent"
    USED = "used"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which page of which list: of which kind, from which percentage on, and behind which subject."""

    kind: SubjectKind = SubjectKind.PROJECT
    order: Order = Order.PERCENT
    at_least: int | None = None
    after: tuple[int, Subject] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A subject in a list: what it uses, what counts for it, and whether that is its own quota."""

    subject: Subject
    used: Amounts
    quota: Quota | None
    is_own: bool
    percent: int
    """`UNLIMITED` without a limit."""


def page(connection: Connection, wish: Wish) -> list[Listed]:
    """Return one page."""
    default = limits.find(connection, EVERY_PROJECT).quota if wish.kind is SubjectKind.PROJECT else None
    percent = _percent(connection, default.limits if default else Limits())
    value = {Order.PERCENT: percent, Order.USED: quota_totals.c.bytes, Order.NAME: literal(0, BigInteger)}[wish.order]
    subject = quota_totals.c.subject
    query = (
        select(subject, *(quota_totals.c[each.value] for each in Resource), percent.label("percent"))
        .outerjoin(quotas, and_(quotas.c.subject == subject, quotas.c.is_set == true()))
        .where(subject >= f"{wish.kind}:", subject < f"{wish.kind};")
        .order_by(value.desc(), subject)
        .limit(wish.limit)
    )
    if wish.kind is SubjectKind.PROJECT:
        holds_something = or_(*(quota_totals.c[each.value] > 0 for each in Resource))
        query = query.where(or_(holds_something, quotas.c.subject.is_not(None)))
    else:
        query = query.where(quotas.c.subject.is_not(None))
    if wish.at_least is not None:
        query = query.where(percent >= wish.at_least)
    if wish.after is not None:
        last, behind = wish.after
        query = query.where(or_(value < last, and_(value == last, subject > behind)))
    return [_listed(connection, row, default) for row in connection.execute(query)]


def value_of(listed: Listed, order: Order) -> int:
    """Return what a list is sorted by, of one of its members."""
    return {Order.PERCENT: listed.percent, Order.USED: listed.used.bytes, Order.NAME: 0}[order]


def _percent(connection: Connection, default: Limits) -> ColumnElement[int]:
    of_each = [_percent_of(each, default.of(each)) for each in Resource]
    most: Any = func.max if connection.dialect.name == "sqlite" else func.greatest
    found: ColumnElement[int] = most(*of_each, type_=BigInteger)
    return found


def _percent_of(resource: Resource, default: int | None) -> ColumnElement[int]:
    own = quotas.c[f"max_{resource.value}"]
    limit = case((quotas.c.subject.is_not(None), own), else_=literal(default, BigInteger))
    used = quota_totals.c[resource.value]
    return case((limit.is_(None), UNLIMITED), (limit == 0, 100), else_=used * 100 // limit)


def _listed(connection: Connection, row: Any, default: Quota | None) -> Listed:
    own = limits.find(connection, row.subject).quota
    return Listed(row.subject, Amounts(*row[1:5]), own or default, own is not None, row.percent)
