"""Who controls the key that a store is encrypted with: the customer, or AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

LIST_ALIASES = "kms:ListAliases"
_OF_AWS = "alias/aws/"


class Aliases(NamedTuple):
    """One region's key aliases; `None` when they could not be read."""

    answers: dict[str, Answer] | None
    """By the id of the key; of AWS's own keys only."""
    account: str

    def control(self, key: str | None) -> str | None:
        """`customer` or `provider`, for a key given as ARN, id or alias; None when that cannot be told.

        An ARN does not say whose key it is. But every key that AWS manages has an alias below `alias/aws/`, which
        nobody else can make; and such a key is used in its own account only.
        """
        if not key:
            return None
        account, name = key.split(":", 5)[-2:] if key.startswith("arn:") else (self.account, key)
        if name.startswith("alias/"):
            return "provider" if name.startswith(_OF_AWS) else "customer"
        if account != self.account:
            return "customer"
        if self.answers is None:
            return None
        return "provider" if name.removeprefix("key/") in self.answers else "customer"


def aliases(source: AwsSource) -> list[Answer]:
    """Every alias of the region; asked in the same words everywhere, so that it is asked once."""
    service, operation = LIST_ALIASES.split(":")
    return list(source.list(service, operation, "Aliases", Limit=100))


def aliases_of_aws(source: AwsSource, regions: Iterable[str]) -> dict[str, Aliases]:
    """For each region, which keys are AWS's own."""
    found = dict.fromkeys(regions, Aliases(None, source.account))
    for region, answers in source.each(found, lambda one: aliases(source.at(one))):
        own = {one["TargetKeyId"]: one for one in answers if one["AliasName"].startswith(_OF_AWS) and _targets(one)}
        found[region] = Aliases(own, source.account)
    return found


def _targets(alias: Answer) -> bool:
    """AWS lists an alias for each of its services, also before there is a key."""
    return bool(alias.get("TargetKeyId"))
