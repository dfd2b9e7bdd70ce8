"""The GitHub double in simulated time: `python -m tests.doubles.year.github_server --seed N --end TIME`.

Its year is made whole when it starts; `POST /_year/now` shows it as it was at a moment. It is asked through a proxy's
address, so that what it says of itself is the same on every port.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from datetime import datetime
from email.utils import format_datetime

from tests.doubles.year import simulated_time

simulated_time.begin()

from tests.doubles.github.estate.size import SMALL  # noqa: E402 - after the clock
from tests.doubles.github.process import READY  # noqa: E402 - after the clock
from tests.doubles.github.server import serve  # noqa: E402 - after the clock
from tests.doubles.github.wire import Answer, Request, shown  # noqa: E402 - after the clock
from tests.doubles.year.github_past import as_of, in_order  # noqa: E402 - after the clock
from tests.doubles.year.request_names import RequestNames  # noqa: E402 - after the clock

_NOW = "/_year/now"


def main() -> None:
    """Serve until standard input is closed."""
    given = argparse.ArgumentParser(prog="python -m tests.doubles.year.github_server", description=__doc__)
    given.add_argument("--seed", type=int, required=True)
    given.add_argument("--end", type=datetime.fromisoformat, required=True)
    asked = given.parse_args()
    simulated_time.move(asked.end)
    server = serve(SMALL, seed=asked.seed, end=asked.end)
    front, world = server.front, server.front.world
    in_order(world.org)
    whole, answered, names = world.org, front.answer, RequestNames()

    def answer(request: Request) -> Answer:
        """One at a time; date and name of the request are of the moment."""
        with world.lock:
            if request.path == _NOW:
                simulated_time.move(datetime.fromisoformat(json.loads(request.body)["now"]))
                world.ground.org = as_of(whole, simulated_time.present())
                return shown({})
            found = answered(request)
        date = format_datetime(simulated_time.present(), usegmt=True)
        name = names.name(date, request.method, request.url(), request.body.decode())
        return found.having(("Date", date), ("X-GitHub-Request-Id", name))

    front.answer = answer  # type: ignore[method-assign]  # in front of the front
    sys.stdout.write(f"{READY}{server.url}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_parent, args=(server.shutdown,), daemon=True).start()
    server.serve_forever()


def _end_with_parent(end: object) -> None:
    sys.stdin.read()
    if callable(end):
        end()


if __name__ == "__main__":
    main()
