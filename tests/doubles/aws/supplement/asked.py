"""What a supplement is given: the call, its input, what was seeded, and moto's own answer on demand."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.paging import offset_in, token_at
from tests.doubles.aws.wire import Answer, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.doubles.aws.wire import Call

_ERRORS_FROM = 300


class Seeded:
    """Items that moto has no room for, by kind, account and region (region "" for global services)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)

    def add(self, kind: str, account: str, region: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Append items."""
        with self._lock:
            self._items[kind, account, region].extend(dict(item) for item in items)

    def replace(self, kind: str, account: str, region: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Put items in place of what there is."""
        with self._lock:
            self._items[kind, account, region] = [dict(item) for item in items]

    def remove(self, kind: str, account: str, region: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Take items back."""
        with self._lock:
            for item in items:
                self._items[kind, account, region].remove(dict(item))

    def of(self, kind: str, account: str, region: str = "") -> list[dict[str, Any]]:
        """The items, in the order they were added."""
        with self._lock:
            return list(self._items.get((kind, account, region), []))

    def clear(self) -> None:
        """Nothing is seeded."""
        with self._lock:
            self._items.clear()


@dataclass(frozen=True, slots=True)
class Asked:
    """One call to a supplement."""

    call: Call
    input: Mapping[str, Any]
    seeded: Seeded
    ask_moto: Callable[[], Answer]

    def items(self, kind: str) -> list[dict[str, Any]]:
        """What was seeded for the caller's account and region."""
        return self.seeded.of(kind, self.call.account, self.call.region)

    def moto_result(self) -> dict[str, Any] | Answer:
        """moto's output as boto3 would read it, or its refusal as it stands."""
        answer = self.ask_moto()
        return answer if answer.status >= _ERRORS_FROM else decode(self.call, answer)

    def page(self, name: str, items: Sequence[Any], token: str, limit: str, most: int) -> dict[str, Any]:
        """The asked-for page as `{name: items}` with a NextToken when there is more.

        `token` and `limit` name the input members; `most` is the service's own page size.
        """
        start = offset_in(self.input.get(token))
        size = min(int(self.input.get(limit) or most), most)
        page: dict[str, Any] = {name: list(items[start : start + size])}
        if start + size < len(items):
            page["NextToken"] = token_at(start + size)
        return page
