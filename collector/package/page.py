"""Fills the templates. Everything is escaped; the page's own style and script are the only ones its policy lets run."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from collector import canonical
from collector.normalise import timestamp
from collector.package.picture import HEAD, LEFT, LINE, RIGHT, WIDTH, share

if TYPE_CHECKING:
    from collector.package.picture import Picture
    from collector.package.sealed import ExchangeLine

_SHORT = 12
_CODE = re.compile(r"`([^`]+)`")


def render(**known: Any) -> str:  # noqa: ANN401 - whatever the templates name
    """The page, from what the templates name; an unknown name is an error."""
    look, script = style(), template("page.js")
    page = environment().get_template("index.html.j2")
    return page.render(**known, style=Markup(look), script=Markup(script), policy=policy(look, script)) + "\n"  # noqa: S704 - ours


def policy(look: str, script: str) -> str:
    """What lets a page's own style and script run, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_source(look)}'; script-src '{_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def drawn(picture: Picture) -> Markup:
    """The calendar picture, for any page in the report's style."""
    sizes = {"left": LEFT, "width": WIDTH, "right": RIGHT, "head": HEAD, "line": LINE}
    shown = environment().get_template("picture.html.j2").render(picture=picture, **sizes)
    return Markup(shown)  # noqa: S704 - ours, and escaped by the template


def style() -> str:
    """The report's own style, for other pages that are to look like it."""
    return template("page.css")


def environment() -> Environment:
    """What every page is made with: everything is escaped, and an unknown name is an error."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(template),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "asked": asked,
        "number": lambda count: f"{count:,}",
        "short": lambda digest: digest[:_SHORT],
        "when": when,
        "instant": timestamp,
        "plain": plain,
        "prose": prose,
        "words": lambda name: name.replace("_", " "),
        "day": lambda moment: f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "cut": lambda text, most: text if len(text) <= most else f"{text[: most - 1]}…",
    }
    made.globals |= {"drawn": drawn, "share": share}
    return made


def asked(exchange: ExchangeLine) -> str:
    """The request in one line: `iam:ListUsers PathPrefix=/staff/`."""
    parameters = (f"{name}={plain(value)}" for name, value in exchange.parameters.items())
    return " ".join((exchange.operation, *parameters))


def when(moment: str) -> str:
    """A sealed time to the second, for reading; the whole one stands in the `datetime` attribute beside it."""
    return f"{moment[:10]} {moment[11:19]} UTC"


def plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as it stands in the records document, without the quotes around a text."""
    return value if isinstance(value, str) else canonical.encode(value).decode()


def prose(text: str) -> list[Markup]:
    """The paragraphs of a description, with what stands in `backticks` set as code."""
    parts = re.split(r"\n\s*\n", text.strip())
    # As plain text: a Markup would escape what is put into it.
    escaped = [str(escape(part)) for part in parts if part]
    return [Markup(_CODE.sub(r"<code>\1</code>", part)) for part in escaped]  # noqa: S704 - escaped above


def template(name: str) -> str:
    """A file of the templates."""
    return files("collector.package").joinpath("templates", name).read_text("utf-8")


def _source(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
