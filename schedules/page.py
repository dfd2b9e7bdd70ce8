"""The status page: one read-only document without a script, in the look of the report."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from collector import __version__
from collector.coverage import COLUMNS
from collector.normalise import timestamp
from collector.package.page import style, when
from schedules.overview import overview
from schedules.port import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.archive.store import Store
    from schedules.overview import Overview
    from schedules.standing import Standing

_FRESH_SECONDS = 60.0


class Page:
    """Reads the log for a reader of the page: at most once a minute and after each pass, whoever asks how often."""

    def __init__(
        self, now: Callable[[], datetime], store: Callable[[], Store], standing: Standing, *, simulated: bool
    ) -> None:
        """`store` gives the archive's place; UsageError when there is none yet."""
        self._now = now
        self._store = store
        self._standing = standing
        self._simulated = simulated
        self._lock = Lock()
        self._read: tuple[datetime, datetime, Overview] | None = None

    def answer(self) -> Answer:
        """The page as of now."""
        state, now = self._standing.state, self._now()
        if state.looked_at is None:
            return self._shown(now, None)
        with self._lock:
            if self._read is None or self._read[0] != state.looked_at or _age(self._read[1], now) > _FRESH_SECONDS:
                self._read = (state.looked_at, now, overview(self._store(), now))
            return self._shown(now, self._read[2])

    def _shown(self, now: datetime, known: Overview | None) -> Answer:
        look = style() + _text("status.css")
        shown = _environment().get_template("status.html.j2")
        page = shown.render(
            style=Markup(look),  # noqa: S704 - our own
            now=now,
            state=self._standing.state,
            problem=self._standing.dead() or self._standing.unready(),
            known=known,
            simulated=self._simulated,
            columns=COLUMNS,
            version=__version__,
        )
        digest = b64encode(sha256(look.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        policy += "; frame-ancestors 'none'"
        return Answer(page.encode(), "text/html; charset=utf-8", policy=policy)


def _age(read: datetime, now: datetime) -> float:
    return abs((now - read).total_seconds())


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_text), trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"when": when, "instant": timestamp, "number": lambda count: f"{count:,}"}
    return environment


def _text(name: str) -> str:
    return files("schedules").joinpath("templates", name).read_text("utf-8")
