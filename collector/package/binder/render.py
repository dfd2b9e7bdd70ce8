"""Pages of a package: the report's templates and style, and each page whole in itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from collector import canonical
from collector.package.page import environment, policy, style, template
from collector.package.picture import HEAD, LEFT, LINE, RIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

FIRST = 100
"""How many rows of a long table are in the page itself; the page's script shows the others, and the CSV has all."""


def page(name: str, place: str, **known: Any) -> bytes:  # noqa: ANN401 - whatever the templates name
    """A page that is to lie at `place`."""
    look, script = _look(), _script()
    shown = (
        _templates()
        .get_template(name)
        .render(
            **known,
            root="../" * place.count("/"),
            place=place,
            style=Markup(look),  # noqa: S704 - ours
            script=Markup(script),  # noqa: S704 - ours
            policy=policy(look, script),
        )
    )
    return f"{shown}\n".encode()


def plain(name: str, place: str, **known: Any) -> bytes:  # noqa: ANN401 - as above
    """A small page, of which there may be as many as a population has items: with a style of a few lines."""
    look = template("binder/small.css")
    shown = _templates().get_template(name).render(
        **known, root="../" * place.count("/"), place=place, style=Markup(look), policy=policy(look, "")  # noqa: S704 - ours
    )  # fmt: skip
    return f"{shown}\n".encode()


def waiting(said: str) -> bytes:
    """What stands in for a page that is not made yet, and asks for it again by itself. `said`: how far it is."""
    look, script = template("binder/small.css"), template("binder/waiting.js")
    shown = (
        _templates()
        .get_template("binder/waiting.html.j2")
        .render(
            said=said,
            style=Markup(look),  # noqa: S704 - ours
            script=Markup(script),  # noqa: S704 - ours
            policy=f"{policy(look, script)}; connect-src 'self'",
        )
    )
    return f"{shown}\n".encode()


def embedded(rows: Sequence[Sequence[object]]) -> Markup:
    """Rows as JSON inside a page: no text in it can end the element that it stands in."""
    text = canonical.encode([list(row) for row in rows]).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - as said


@cache
def _look() -> str:
    return style() + template("binder/binder.css")


@cache
def _script() -> str:
    return template("page.js") + template("binder/rows.js")


@cache
def _templates() -> Environment:
    made = environment()
    made.globals |= {
        "embedded": embedded, "FIRST": FIRST, "LEFT": LEFT, "WIDTH": WIDTH, "RIGHT": RIGHT, "HEAD": HEAD, "LINE": LINE,
    }  # fmt: skip
    made.filters |= {"hours": lambda hours: "" if hours is None else f"{hours:,.1f}"}
    return made
