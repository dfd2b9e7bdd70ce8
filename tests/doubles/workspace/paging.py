"""Google's pages: a token is good for the very same list, and goes on behind the item that came last."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SIZES = ("maxResults", "pageSize")


class WrongTokenError(Exception):
    """The token belongs to another list."""


def page(
    items: Sequence[dict[str, Any]],
    query: Mapping[str, str],
    key: Callable[[dict[str, Any]], str],
    most: int,
) -> tuple[list[dict[str, Any]], str]:
    """The items of the page that is asked for, in the order of their keys, and the token of the next; "" at the end.

    What is added or deleted while a list is read moves no item from one page to another, as at Google.
    """
    asked = {name: value for name, value in query.items() if name != "pageToken"}
    size = min(int(next((query[name] for name in _SIZES if name in query), 100)), most)
    after = ""
    if token := query.get("pageToken"):
        told = json.loads(urlsafe_b64decode(token))
        if told["of"] != asked:
            raise WrongTokenError
        after = told["after"]
    waiting = sorted((one for one in items if key(one) > after), key=key)
    found = waiting[:size]
    if len(waiting) <= size:
        return found, ""
    return found, urlsafe_b64encode(json.dumps({"of": asked, "after": key(found[-1])}).encode()).decode()
