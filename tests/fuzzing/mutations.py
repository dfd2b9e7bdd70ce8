"""Ways to spoil a real answer, each with what may never be made of it. Chance comes from a seed."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

_STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**70, 1.5, "", "\x00", "\ud83d\ude00" * 40, "9" * 5000, [], {}, [None], {"": 0},
    "9999-99-99T99:99:99Z", "2026-02-30T00:00:00Z", "true", "null", "../..", "%2e%2e/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as it will go over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    def saying(self, value: Any) -> Reply:
        """The same, with another body."""
        return replace(self, body=json.dumps(value).encode())


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to spoil an answer."""

    name: str
    spoil: Callable[[Reply, random.Random], Reply | None]
    """None where there is nothing of the kind to spoil."""
    loud: bool
    """Whether no true answer looks so: then the list is the same as ever, or it is not complete."""


def _cut(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, body=reply.body[: chance.randrange(len(reply.body) or 1)])


def _garbled(reply: Reply, chance: random.Random) -> Reply:
    at = chance.randrange(len(reply.body) or 1)
    return replace(reply, body=reply.body[:at] + bytes([0xFF, 0x00]) + reply.body[at + 2 :])


def _no_end(reply: Reply, _: random.Random) -> Reply | None:
    """The Link header goes, where there was one; the last page of GitHub has one too."""
    return _with(reply, "link", None) if "link" in reply.headers else None


def _elsewhere(reply: Reply, chance: random.Random) -> Reply | None:
    if 'rel="next"' not in reply.headers.get("link", ""):
        return None
    at = chance.choice(("https://elsewhere.example/", "http://127.0.0.1:9/", "//elsewhere.example/", "file:///etc/"))
    return _with(reply, "link", re.sub(r"<[^>]*>(?=; rel=\"next\")", f"<{at}>", reply.headers["link"]))


def _circle(reply: Reply, _: random.Random) -> Reply | None:
    """Every page says that the first is next; a list of one page becomes endless."""
    first = re.search(r'<([^>]*)>; rel="first"', reply.headers.get("link", ""))
    return _with(reply, "link", f'<{first[1]}>; rel="next"') if first else None


def _broken_link(reply: Reply, chance: random.Random) -> Reply | None:
    broken = ("<", '<x>; rel="next', ">>>; rel=next", '<http://[::1>; rel="next"', "\t,,,;;", '<>; rel="next"')
    return _with(reply, "link", chance.choice(broken)) if "link" in reply.headers else None


def _refused(reply: Reply, chance: random.Random) -> Reply:
    status = chance.choice((301, 302, 400, 401, 403, 404, 409, 418, 422, 429, 451, 500, 502, 503, 504))
    said: Any = chance.choice(({"message": "Not Found"}, [], {}, None, "no", {"message": ["x"], "errors": 5}))
    more = chance.choice(({}, {"retry-after": "1"}, {"retry-after": "soon"}, {"x-ratelimit-remaining": "0"}))
    return replace(reply.saying(said), status=status, headers={"content-type": "application/json", **more})


def _another_kind(reply: Reply, chance: random.Random) -> Reply:
    media = chance.choice(("text/html", "", "application/xml", "image/png"))
    return _with(reply, "content-type", media)


def _empty(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, body=chance.choice((b"", b" ", b"null", b"0", b'""')))


def _other_shape(reply: Reply, chance: random.Random) -> Reply | None:
    """The whole, or a list in it that has items, is something else."""
    value = reply.json
    places = [path for path, one in _walk(value) if isinstance(one, list) and one and _of_pages(path, value)]
    if not places:
        return None
    return reply.saying(_put(value, chance.choice(places), chance.choice(({}, None, "x", 7, True))))


def _doubled(reply: Reply, chance: random.Random) -> Reply | None:
    """An item comes twice, as when pages shift."""
    value = reply.json
    places = [path for path, one in _walk(value) if isinstance(one, list) and one and _of_pages(path, value)]
    if not places:
        return None
    path = chance.choice(places)
    items = list(_get(value, path))
    return reply.saying(_put(value, path, [*items, chance.choice(items)]))


def _endless(reply: Reply, _: random.Random) -> Reply | None:
    """GraphQL says that there is more, and does not say where."""
    value = reply.json
    places = [path for path, one in _walk(value) if isinstance(one, dict) and "hasNextPage" in one and len(path) > 1]
    outermost = min(places, key=len, default=None)
    if outermost is None or "data" not in value:
        return None
    return reply.saying(_put(value, outermost, {"hasNextPage": True, "endCursor": None}))


def _no_count(reply: Reply, chance: random.Random) -> Reply | None:
    value = reply.json
    if not isinstance(value, dict) or "total_count" not in value:
        return None
    strange: Any = chance.choice((None, "3", -1, True, 10**9, [], value["total_count"] + 1))
    return reply.saying({**value, "total_count": strange})


def _leaf(reply: Reply, chance: random.Random) -> Reply | None:
    """Some value is of a kind that it never is."""
    value = reply.json
    places = [path for path, _ in _walk(value) if path]
    if not places:
        return None
    return reply.saying(_put(value, chance.choice(places), copy.deepcopy(chance.choice(_STRANGE))))


def _dropped(reply: Reply, chance: random.Random) -> Reply | None:
    """A field is left out."""
    value = reply.json
    places = [path for path, _ in _walk(value) if path and isinstance(path[-1], str)]
    if not places:
        return None
    path = chance.choice(places)
    made = copy.deepcopy(value)
    del _get(made, path[:-1])[path[-1]]
    return reply.saying(made)


MUTATIONS = (
    Mutation("cut", _cut, loud=True),
    Mutation("garbled", _garbled, loud=False),  # within a text it can look like any other
    Mutation("no Link header", _no_end, loud=True),
    Mutation("next page elsewhere", _elsewhere, loud=True),
    Mutation("in a circle", _circle, loud=True),
    Mutation("broken Link header", _broken_link, loud=True),
    Mutation("refused", _refused, loud=True),
    Mutation("another kind", _another_kind, loud=True),
    Mutation("empty", _empty, loud=True),
    Mutation("another shape", _other_shape, loud=True),
    Mutation("an item twice", _doubled, loud=True),
    Mutation("more, without saying where", _endless, loud=True),
    Mutation("wrong count", _no_count, loud=True),
    Mutation("strange value", _leaf, loud=False),
    Mutation("field left out", _dropped, loud=False),
)


def _with(reply: Reply, name: str, value: str | None) -> Reply:
    headers = {key: one for key, one in reply.headers.items() if key != name}
    return replace(reply, headers=headers if value is None else {**headers, name: value})


def _of_pages(path: tuple[Any, ...], value: Any) -> bool:
    """Whether a list there is the one that the call is for, and not one that belongs to an item."""
    if isinstance(value, list):
        return not path
    if "data" in value:
        return path[-1:] == ("nodes",) and not any(isinstance(part, int) for part in path)
    return len(path) == 1 and "total_count" in value


def _walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _walk(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _walk(one, (*path, place))


def _get(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    made = copy.deepcopy(value)
    _get(made, path[:-1])[path[-1]] = new
    return made
