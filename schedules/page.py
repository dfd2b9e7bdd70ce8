"""The status page: one read-only document without a script, in the look of the report."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from collector import __version__
from collector.errors import CollectorError
from collector.normalise import timestamp
from collector.package.page import drawn, style, when
from collector.package.picture import share
from schedules.overview import DAYS, Follower
from schedules.port import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.archive.store import Store
    from schedules.overview import Overview
    from schedules.standing import Standing


class Page:
    """Shows what was read of the log by the last pass. Whoever asks waits for no archive, and makes nobody read one."""

    def __init__(
        self, now: Callable[[], datetime], store: Callable[[], Store], standing: Standing, *, simulated: bool
    ) -> None:
        """`store` gives the archive's place; UsageError when there is none yet."""
        self._now = now
        self._store = store
        self._standing = standing
        self._simulated = simulated
        self._lock = Lock()
        self._follower: Follower | None = None
        self._known: Overview | None = None
        self._problem = ""
        self._wanted = Event()
        Thread(target=self._work, name="page", daemon=True).start()

    def answer(self) -> Answer:
        """The page as of the last pass."""
        return self._shown(self._now(), self._known)

    def look(self) -> None:
        """There is something new in the log; it is read soon, and not by the caller."""
        self._wanted.set()

    def read(self) -> None:
        """Read what is new."""
        with self._lock:
            try:
                self._follower = self._follower or Follower(self._store())
                self._known, self._problem = self._follower.overview(self._now()), ""
            except (CollectorError, ValueError) as error:
                # What was read stays on the page, under the reason why it is not newer.
                self._follower, self._problem = None, f"the archive could not be read: {error}"

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self.read()

    def _shown(self, now: datetime, known: Overview | None) -> Answer:
        look = style() + _text("status.css")
        shown = _environment().get_template("status.html.j2")
        page = shown.render(
            style=Markup(look),  # noqa: S704 - our own
            now=now,
            state=self._standing.state,
            problem=self._standing.dead() or self._standing.unready() or self._problem,
            known=known,
            simulated=self._simulated,
            days=DAYS,
            version=__version__,
        )
        digest = b64encode(sha256(look.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        policy += "; frame-ancestors 'none'"
        return Answer(page.encode(), "text/html; charset=utf-8", policy=policy)


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_text), trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"drawn": drawn, "share": share}
    environment.filters |= {"when": when, "instant": timestamp, "number": lambda count: f"{count:,}"}
    return environment


def _text(name: str) -> str:
    return files("schedules").joinpath("templates", name).read_text("utf-8")
