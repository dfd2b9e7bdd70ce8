"""Start a GitHub by hand: prints where it is, a token, the App and its private key, and then answers."""

from __future__ import annotations

import argparse
import sys
import threading
from datetime import datetime

from tests.doubles.github.estate.size import SIZES
from tests.doubles.github.process import READY
from tests.doubles.github.server import INSTALLATION_ID, serve
from tests.doubles.github.tokens import CLIENT_ID, TOKEN


def main() -> None:
    """Serve until interrupted; with --leashed, until standard input ends."""
    arguments = argparse.ArgumentParser(prog="python -m tests.doubles.github", description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments.add_argument("--size", choices=sorted(SIZES), default="small")
    arguments.add_argument("--plan", choices=("free", "team", "enterprise"), default="enterprise")
    arguments.add_argument("--seed", type=int, default=42)
    arguments.add_argument("--end", type=datetime.fromisoformat, help="when the year ends; now unless given")
    arguments.add_argument("--leashed", action="store_true", help="end when standard input does")
    given = arguments.parse_args()
    server = serve(SIZES[given.size], port=given.port, seed=given.seed, end=given.end, plan=given.plan)
    say(f"{READY}{server.url}")
    if given.leashed:
        threading.Thread(target=_end_with_input, args=(server.shutdown,), daemon=True).start()
    else:
        say(f"GraphQL        {server.url}/graphql")
        say(f"token          {TOKEN}")
        say(f"App            {server.front.world.tokens.app_id}, client {CLIENT_ID}, installation {INSTALLATION_ID}")
        say(f"manifest       {server.url}/_double/manifest")
        say(server.front.world.tokens.pem)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("ended")


def say(line: str) -> None:
    """One line to whoever started it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _end_with_input(end: object) -> None:
    sys.stdin.read()
    if callable(end):
        end()


if __name__ == "__main__":
    main()
