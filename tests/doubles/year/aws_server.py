"""The AWS double in simulated time: `python -m tests.doubles.year.aws_server`, in a process of its own.

moto is the bottleneck of a year, and most days ask what the day before asked. So every answer to a read is kept in
memory, and given again until something is written: the words on the wire are moto's own, each as old as the last
change. Only the Date header and the request's name are of the moment, and what depends on the time itself is always
asked anew. `POST /_year/now` sets the time, and brings the events and jobs that have come about since.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from tests.doubles.year import simulated_time

simulated_time.begin()

from werkzeug.serving import make_server  # noqa: E402 - after the clock

from tests.doubles.aws import regions, server  # noqa: E402 - after the clock
from tests.doubles.aws.front import Front  # noqa: E402 - after the clock
from tests.doubles.aws.managed_policies import keep_few_policies  # noqa: E402 - after the clock
from tests.doubles.aws.wire import Answer, read_call  # noqa: E402 - after the clock
from tests.doubles.year.almanac import REGIONS  # noqa: E402 - after the clock
from tests.doubles.year.request_names import RequestNames  # noqa: E402 - after the clock

_HOST = "127.0.0.1"
_READS = ("Get", "List", "Describe", "Select")
_OF_THE_MOMENT = {
    "GenerateCredentialReport",
    "GetCredentialReport",
    "ListBackupJobs",
    "ListProtectedResources",
    "LookupEvents",
}
"""Reads whose answer changes although nothing is written."""
_REQUEST_IDS = {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"}
_OWN = {"date", *_REQUEST_IDS}


class Remembering:
    """The double, and what it answered since something changed in it."""

    def __init__(self, front: Any) -> None:
        self._front = front
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], Answer] = {}
        self._names = RequestNames()
        self._asked = 0
        self._passed = 0

    def answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Answer one request, one at a time."""
        with self._lock:
            if environ["PATH_INFO"].startswith("/_year/"):
                return self._control(environ["PATH_INFO"], body)
            self._asked += 1
            asked = _question(environ, body)
            return self._stamped(asked, self._answer(asked, environ, body))

    def _answer(self, asked: tuple[str, ...], environ: dict[str, Any], body: bytes) -> Answer:
        if (known := self._known.get(asked)) is not None:
            return known
        self._passed += 1
        answer: Answer = self._front.answer(environ, body)
        operation = read_call(environ, body).operation
        if operation.startswith(_READS) and operation not in _OF_THE_MOMENT:
            self._known[asked] = answer
        elif operation not in _OF_THE_MOMENT:
            self._known.clear()
        return answer

    def _stamped(self, asked: tuple[str, ...], answer: Answer) -> Answer:
        kept = tuple(one for one in answer.headers if one[0].lower() not in _OWN)
        date = format_datetime(simulated_time.present().astimezone(UTC), usegmt=True)
        return replace(answer, headers=(*kept, ("Date", date), ("x-amzn-RequestId", self._names.name(date, *asked))))

    def _control(self, path: str, body: bytes) -> Answer:
        if path != "/_year/now":
            return Answer(404, b"{}")
        given = json.loads(body)
        simulated_time.move(datetime.fromisoformat(given["now"]))
        self._front._seed(given["seeded"])
        counts = {"asked": self._asked, "passed": self._passed}
        return Answer(200, json.dumps(counts).encode(), (("Content-Type", "application/json"),))


def _question(environ: dict[str, Any], body: bytes) -> tuple[str, ...]:
    """What is asked, by whom and where; without the signature, which is another one each time."""
    credential = environ.get("HTTP_AUTHORIZATION", "").partition(", ")[0]
    key, _, scope = credential.partition("/")
    return (
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        environ.get("QUERY_STRING", ""),
        environ.get("HTTP_X_AMZ_TARGET", ""),
        f"{key}/{scope.partition('/')[2]}",  # without the day on which it was signed
        body.decode("latin-1"),
    )


class Handler(server.KeepAliveHandler):
    """The double's handler, with the memory in front."""

    front: ClassVar[Any]


def main() -> None:
    """Serve until standard input is closed."""
    threading.Thread(target=server._end_with_parent, daemon=True).start()
    regions.limit_regions(REGIONS)
    keep_few_policies()
    Handler.front = Remembering(Front())
    made = make_server(_HOST, 0, server._never, threaded=True, request_handler=Handler)
    sys.stdout.write(f"listening on http://{_HOST}:{made.port}\n")
    sys.stdout.flush()
    made.serve_forever()


if __name__ == "__main__":
    main()
