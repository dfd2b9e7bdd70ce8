"""moto, one request at a time: `python -m tests.archive.moto_server PORT`.

moto looks whether a key is there and stores it in two steps, so that of two puts at once both may store; AWS does it in
one. What clients send and wait for still overlaps.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

if TYPE_CHECKING:
    from collections.abc import Iterable

_TURN = threading.Lock()
_MOTO = DomainDispatcherApplication(create_backend_app)


def one_at_a_time(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request, whole, before the next one is looked at."""
    with _TURN:
        return list(_MOTO(environ, start_response))


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), one_at_a_time, threaded=True)
