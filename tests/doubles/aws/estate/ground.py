"""What every part of the estate is built on: the accounts, the moment, the size and the manifest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.manifest import Manifest
    from tests.doubles.aws.estate.size import Size

GLOBAL = "global"
EU, IRELAND, US = "eu-central-1", "eu-west-1", "us-east-1"
REGIONS = (EU, IRELAND, US)


@dataclass(slots=True)
class Ground:
    """The ground; edits to moto's objects and items for the supplements are gathered and sent at the end."""

    management: Account
    prod: Account
    data: Account
    size: Size
    now: datetime
    manifest: Manifest
    role: str
    edits: list[dict[str, Any]] = field(default_factory=list)
    items: defaultdict[tuple[str, str, str], list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def accounts(self) -> tuple[Account, Account, Account]:
        """Management and both members."""
        return self.management, self.prod, self.data

    def ago(self, days: float) -> str:
        """A moment so many days ago, as text."""
        return (self.now - timedelta(days=days)).isoformat()

    def edit(self, service: str, account: str, region: str, path: Sequence[str | int], value: object) -> None:
        """Set an attribute of a moto object; see `tests.doubles.aws.moto_state`."""
        change = {"service": service, "account": account, "region": region, "path": path, "value": value}
        self.edits.append(change)

    def edit_iam(self, account: str, path: Sequence[str | int], value: object) -> None:
        """Set an attribute in an account's IAM."""
        self.edit("iam", account, "aws", path, value)

    def put(self, kind: str, account: str, region: str, item: Mapping[str, Any]) -> None:
        """Give a supplement an item."""
        self.items[kind, account, region].append(item)
