"""Real pages where moto gives everything at once, by botocore's own pagination models."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader

from tests.doubles.aws.refusals import RefusedError
from tests.doubles.aws.wire import Answer, Call, decode, encode, parameters, with_input

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LOADER = create_loader()
_ERRORS_FROM = 300


class Pagination:
    """Which members of an operation carry the lists, the tokens, the limit and the word "truncated"."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.input_token = _first(model["input_token"])
        self.output_token = _first(model["output_token"])
        self.limit = str(model["limit_key"]) if "limit_key" in model else ""
        self.truncated = str(model["more_results"]) if "more_results" in model else ""
        results = model["result_key"]
        self.lists = [results] if isinstance(results, str) else [str(name) for name in results]
        # CloudFront has all of it in one structure: `DistributionList.Items`, `DistributionList.NextMarker`.
        self.within, _, _ = self.lists[0].rpartition(".")
        if self.within:
            self.lists = [name.removeprefix(f"{self.within}.") for name in self.lists]
            self.output_token = self.output_token.removeprefix(f"{self.within}.")
            self.truncated = self.truncated.removeprefix(f"{self.within}.")

    def opened(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """An answer's members, those that lists and tokens are among."""
        return dict(answer.get(self.within) or {}) if self.within else dict(answer)

    def wrapped(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """Back to the answer."""
        if not self.within:
            return dict(members)
        counted = {"Quantity": len(members[self.lists[0]])}
        return {self.within: {**members, **counted, self.lists[0]: members[self.lists[0]] or None}}


def pagination_of(call: Call) -> Pagination | None:
    """How botocore pages this operation, or None where it does not."""
    try:
        models = _LOADER.load_service_model(call.service, "paginators-1")["pagination"]
    except UnknownServiceError:
        return None
    return Pagination(models[call.operation]) if call.operation in models else None


def one_page(call: Call, size: int, ask: Callable[[Call], Answer]) -> Answer:
    """The page this call's token points at, of at most `size` items over all of the operation's lists."""
    names = pagination_of(call)
    if names is None:
        raise RefusedError("DoubleCannotPage", f"botocore does not page {call.operation}", 500)
    everything = _gather(call, names, ask)
    if isinstance(everything, Answer):
        return everything
    labelled = [(name, item) for name in names.lists for item in everything.get(name, [])]
    start = offset_in(parameters(call).get(names.input_token))
    page = labelled[start : start + size]
    result = {name: value for name, value in everything.items() if name not in names.lists}
    result |= {name: [item for label, item in page if label == name] for name in names.lists}
    more = start + size < len(labelled)
    result.pop(names.output_token, None)
    if more:
        result[names.output_token] = token_at(start + size)
    if names.truncated:
        result[names.truncated] = more
    return encode(call, names.wrapped(result))


def cut_short(call: Call, answer: Answer) -> Answer:
    """A first page that says there is more but hands out no token to ask for it."""
    names = pagination_of(call)
    if names is None or not names.truncated:
        message = f"{call.operation} has no member that says there is more"
        raise RefusedError("DoubleCannotTruncate", message, 500)
    result = names.opened(decode(call, answer))
    result.pop(names.output_token, None)
    return encode(call, names.wrapped({**result, names.truncated: True}))


def never_ending(call: Call, answer: Answer) -> Answer:
    """The same page with the same token, however often it is asked."""
    names = pagination_of(call)
    if names is None:
        raise RefusedError("DoubleCannotPage", f"botocore does not page {call.operation}", 500)
    result = {**names.opened(decode(call, answer)), names.output_token: token_at(1)}
    return encode(call, names.wrapped({**result, names.truncated: True} if names.truncated else result))


def token_at(offset: int) -> str:
    """An opaque token."""
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode()


def offset_in(token: object) -> int:
    """Where a token of ours points; 0 for none."""
    if not token:
        return 0
    try:
        word, number = base64.urlsafe_b64decode(str(token)).decode().split(":")
    except (ValueError, binascii.Error):
        word, number = "", ""
    if word != "from" or not number.isdecimal():
        raise RefusedError("InvalidNextTokenException", "The token is not one that was handed out")
    return int(number)


def _gather(call: Call, names: Pagination, ask: Callable[[Call], Answer]) -> dict[str, Any] | Answer:
    without_limit = {names.limit: None} if names.limit else {}
    whole: dict[str, Any] = {}
    token: str | None = None
    while True:
        answer = ask(with_input(call, {names.input_token: token, **without_limit}))
        if answer.status >= _ERRORS_FROM:
            return answer
        page = names.opened(decode(call, answer))
        lists = {name: [*whole.get(name, []), *page.get(name, [])] for name in names.lists}
        whole = {**page, **lists}
        token = page.get(names.output_token)
        if not token:
            return whole


def _first(value: str | Sequence[str]) -> str:
    name = value if isinstance(value, str) else value[0]
    return name.split(" || ")[0]
