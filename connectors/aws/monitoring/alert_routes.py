"""Where a rule of AWS sends what it raises, followed to whoever confirmed that he wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

ROUTE_NEEDS = ("sns:ListTopics", "sns:ListSubscriptionsByTopic")
_SERVICE, _REGION, _ACCOUNT = 2, 3, 4
"""Parts of an ARN."""
_STEERS = frozenset({"autoscaling", "automate", "ec2", "application-autoscaling", "logs"})
"""What such a destination does is to machines, or is written down: nobody is told."""


class Route(NamedTuple):
    """One destination, and what is known of it; `live` is None where that cannot be seen from here."""

    destinations: tuple[str, ...]
    live: bool | None
    seen: tuple[Answer, ...] = ()
    read: bool = True
    """False where it could not be read, and a gap says why."""


class Told(NamedTuple):
    """All destinations of one rule together."""

    destinations: tuple[str, ...] | None
    live: bool | None
    seen: tuple[Answer, ...]


class Topics:
    """The topics of one region that rules name, each with its subscriptions."""

    def __init__(self, source: AwsSource, named: Iterable[str]) -> None:
        """Asks for the subscriptions of each of the account's own topics among `named`."""
        self._account, self._place = source.account, source.place
        own = sorted({one for one in named if self._own(one)})
        self._listed: dict[str, Answer] = {}
        self._whole = not own
        for _, found in source.each([source] if own else [], lambda one: list(one.list("sns", "ListTopics", "Topics"))):
            self._listed, self._whole = {one["TopicArn"]: one for one in found}, True
        there = [one for one in own if one in self._listed]
        self._subscribed: dict[str, list[Answer]] = dict(
            source.each(
                there,
                lambda one: list(source.list("sns", "ListSubscriptionsByTopic", "Subscriptions", TopicArn=one)),
            )
        )

    def _own(self, arn: str) -> bool:
        return arn.split(":")[_SERVICE : _ACCOUNT + 1] == ["sns", self._place, self._account]

    def follow(self, arn: str) -> Route:
        """To the confirmed subscribers of a topic of this account; no further than any other destination's name."""
        if not self._own(arn):
            return Route((), live=False) if steers(arn) else Route((_named(arn),), live=None)
        if self._whole and arn not in self._listed:
            return Route((), live=False)  # the list of all topics shows that it is gone
        if arn not in self._subscribed:
            return Route((), live=None, read=False)
        subscriptions = self._subscribed[arn]
        confirmed = {one["Protocol"] for one in subscriptions if str(one.get("SubscriptionArn")).startswith("arn:")}
        name = arn.rpartition(":")[2]
        return Route(
            tuple(f"{protocol} {name}" for protocol in sorted(confirmed)),
            live=bool(confirmed),
            seen=(self._listed[arn], *subscriptions),
        )


def steers(arn: str) -> bool:
    """Whether such a destination acts on machines alone."""
    return (arn.split(":") + [""] * _ACCOUNT)[_SERVICE] in _STEERS


def only_steers(alarm: Answer) -> bool:
    """Whether an alarm's actions are all such."""
    actions = alarm.get("AlarmActions") or ()
    return bool(actions) and all(map(steers, actions))


def is_topic(arn: str) -> bool:
    """Whether it is a topic of SNS, of whatever account."""
    return arn.split(":")[_SERVICE:_REGION] == ["sns"]


def together(routes: Sequence[Route]) -> Told:
    """One that works is enough; whom the rule tells is given where all of it could be read."""
    live = {one.live for one in routes}
    named = sorted({name for one in routes for name in one.destinations})
    return Told(
        tuple(named) if all(one.read for one in routes) else None,
        True if True in live else None if None in live else False,
        tuple(answer for one in routes for answer in one.seen),
    )


def _named(arn: str) -> str:
    return f"{arn.split(':')[_SERVICE]} {arn}" if arn.startswith("arn:") else arn
