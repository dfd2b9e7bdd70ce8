"""The whole double as one function: a request in, an answer out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from tests.doubles.aws import moto_state, refusals
from tests.doubles.aws.faults import FaultPlan, Rule
from tests.doubles.aws.journal import Journal
from tests.doubles.aws.permits import permitted
from tests.doubles.aws.supplement.asked import Seeded
from tests.doubles.aws.supplement.registry import supplemented
from tests.doubles.aws.wire import Answer, Call, read_call

if TYPE_CHECKING:
    from collections.abc import Callable

_OWN = "/_double/"
_JSON = (("Content-Type", "application/json"),)


class Front:
    """Faults in front of supplements in front of moto, with a journal of it all."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._plan = FaultPlan()
        self._journal = Journal()
        self._seeded = Seeded()
        self._guarded = False
        self._controls: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("POST", "faults"): lambda given: self._plan.add([Rule.read(rule) for rule in given]),
            ("GET", "faults"): lambda _given: self._plan.fired(),
            ("DELETE", "faults"): lambda _given: self._plan.clear(),
            ("GET", "requests"): lambda _given: self._journal.listing(),
            ("DELETE", "requests"): lambda _given: self._journal.clear(),
            ("POST", "seeded"): self._seed,
            ("POST", "unseeded"): self._unseed,
            ("POST", "moto"): moto_state.edit_all,
            ("POST", "guard"): self._guard,
            ("POST", "reset"): lambda _given: self._reset(),
        }

    def answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path.startswith(_OWN):
            return self._control(environ["REQUEST_METHOD"], path.removeprefix(_OWN), body)
        call = read_call(environ, body)
        if path.startswith("/moto-api/"):
            return self._ask_moto(call)
        answer, fault = self._plan.answer(call, self._ask)
        self._journal.note(call, fault, answer.status)
        return answer

    def _ask(self, call: Call) -> Answer:
        if self._guarded and not permitted(call):
            return refusals.denied(call)
        return supplemented(call, self._seeded, lambda: self._ask_moto(call))

    def _ask_moto(self, call: Call) -> Answer:
        response = Response.from_app(self._moto, call.fresh_environ(), buffered=True)
        headers = tuple((name, value) for name, value in response.headers if name.lower() != "content-length")
        return Answer(response.status_code, response.get_data(), headers)

    def _control(self, method: str, name: str, body: bytes) -> Answer:
        control = self._controls.get((method, name))
        if control is None:
            return Answer(404, b'{"error": "no such control"}', _JSON)
        try:
            result = control(json.loads(body) if body else None)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            message = f"{type(error).__name__}: {error}"
            return Answer(400, json.dumps({"error": message}).encode(), _JSON)
        return Answer(200, json.dumps(result).encode(), _JSON)

    def _seed(self, batches: list[dict[str, Any]]) -> None:
        for batch in batches:
            put = self._seeded.replace if batch.get("replace") else self._seeded.add
            put(batch["kind"], batch["account"], batch.get("region", ""), batch["items"])

    def _unseed(self, batches: list[dict[str, Any]]) -> None:
        for batch in batches:
            self._seeded.remove(batch["kind"], batch["account"], batch.get("region", ""), batch["items"])

    def _guard(self, given: bool) -> None:  # noqa: FBT001 - the body of a request
        self._guarded = bool(given)

    def _reset(self) -> None:
        self._guarded = False
        self._plan.clear()
        self._seeded.clear()
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/moto-api/reset", "SERVER_NAME": "127.0.0.1"}
        environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1"}
        self._ask_moto(Call(environ, b""))
        self._journal.clear()
