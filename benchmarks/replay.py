"""AWS from memory: `python -m benchmarks.replay TAPE`.

Answers every recorded question after a fixed latency, any number of them side by side, in a process of its own: so
that what is measured is the collector, and neither a double's work nor a cloud's moods. A question that was not
recorded is answered 501, said on standard error and counted: a benchmark in which that happened has failed.

With `--record URL` it stands in front of a double instead, and writes what that answers to TAPE when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.tape import Answer, Tape, load, question, save

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTS = "/_replay/counts"
READY = "listening on "
_HOST = "127.0.0.1"
_MILLISECOND = 0.001


class Traffic:
    """What was asked, and how much of it at once."""

    def __init__(self) -> None:
        self.requests = 0
        self.unknown: list[str] = []
        self._in_flight = 0
        self._most = 0
        self._changed = 0.0
        self._busy = 0.0
        self._waited = 0.0

    def begin(self) -> None:
        """A request has come."""
        self.requests += 1
        self._step(1)

    def end(self) -> None:
        """It has been answered."""
        self._step(-1)

    def counts(self) -> dict[str, object]:
        """Requests, and how many were under way at most, and on average while there were any."""
        mean = self._waited / self._busy if self._busy else 0.0
        return {"requests": self.requests, "most": self._most, "mean": mean, "unknown": self.unknown}

    def _step(self, change: int) -> None:
        now = time.monotonic()
        if self._in_flight:
            self._busy += now - self._changed
            self._waited += self._in_flight * (now - self._changed)
        self._changed = now
        self._in_flight += change
        self._most = max(self._most, self._in_flight)


class Replay:
    """Answers from a tape; the last answer to a question holds for ever."""

    def __init__(self, tape: Tape, latency: float) -> None:
        """`latency` is in seconds."""
        self._tape = tape
        self._latency = latency
        self._asked: Counter[str] = Counter()
        self.traffic = Traffic()

    async def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Wait as long as a request to AWS takes, and answer as AWS did."""
        self.traffic.begin()
        try:
            if self._latency:
                await asyncio.sleep(self._latency)
            return self._known(question(method, target, headers, body))
        finally:
            self.traffic.end()

    def _known(self, asked: str) -> Answer:
        answers = self._tape.get(asked)
        if not answers:
            self.traffic.unknown.append(asked)
            sys.stderr.write(f"not on the tape: {asked}\n")
            return Answer(501, [("Content-Type", "text/plain")], b"not on the tape")
        turn = min(self._asked[asked], len(answers) - 1)
        self._asked[asked] += 1
        return answers[turn]


class Recording:
    """Passes every question on, and keeps the answers."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream).netloc
        self.tape: Tape = {}
        self.traffic = Traffic()

    async def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the double answers."""
        self.traffic.begin()
        try:
            answer = await asyncio.to_thread(self._ask, method, target, headers, body)
            self.tape.setdefault(question(method, target, headers, body), []).append(answer)
            return answer
        finally:
            self.traffic.end()

    def _ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with contextlib.closing(http.client.HTTPConnection(self._upstream)) as connection:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())


class Server:
    """HTTP/1.1 with connections kept alive, as far as AWS's clients use it."""

    def __init__(self, source: Replay | Recording) -> None:
        self._source = source

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until the client leaves."""
        gone = (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError)  # the last at the server's end
        with contextlib.suppress(*gone), contextlib.closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").splitlines()[:-1]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _ = first.split(" ")
                answer = await self._answer(method, target, headers, body)
                writer.write(answer.on_the_wire(head_only=method == "HEAD"))
                await writer.drain()

    async def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if target == COUNTS:
            counts = json.dumps(self._source.traffic.counts()).encode()
            return Answer(200, [("Content-Type", "application/json")], counts)
        return await self._source.answer(method, target, headers, body)


async def serve(source: Replay | Recording) -> None:
    """Serve until standard input is closed."""
    server = await asyncio.start_server(Server(source).connected, _HOST, 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{READY}http://{_HOST}:{port}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)


def main() -> None:
    """Serve, or record."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("tape", type=Path)
    arguments.add_argument("--latency-ms", type=float, default=50)
    arguments.add_argument("--record", metavar="URL", help="record what the double at URL answers")
    given = arguments.parse_args()
    if given.record:
        recording = Recording(given.record)
        asyncio.run(serve(recording))
        save(given.tape, recording.tape)
    else:
        asyncio.run(serve(Replay(load(given.tape), given.latency_ms * _MILLISECOND)))


if __name__ == "__main__":
    main()
