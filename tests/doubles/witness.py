"""A small real witness over HTTP (C2SP tlog-witness): it signs only what continues the last head it signed."""

from __future__ import annotations

import base64
import contextlib
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.archive.checkpoint import Checkpoint
from collector.archive.notes import open_note
from collector.archive.proofs import check_consistency
from tests.doubles.tsa import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.notes import VerifierKey

EMPTY = (0, sha256(b"").digest())


@dataclass
class WitnessDouble:
    """A running witness. `heads` is what it has signed last, by origin; `mode` how it answers; `time` its clock."""

    logs: dict[str, VerifierKey]
    name: str = "witness.example/w1"
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    time: int = 1_795_000_000
    mode: str = "well"
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    busy: threading.Lock = field(default_factory=threading.Lock)

    @property
    def vkey(self) -> str:
        material = b"\x04" + self.private.public_key().public_bytes_raw()
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(material).decode()}"

    @property
    def key_id(self) -> bytes:
        return sha256(f"{self.name}\n\x04".encode() + self.private.public_key().public_bytes_raw()).digest()[:4]

    def cosign(self, text: str) -> bytes:
        signature = self.private.sign(f"cosignature/v1\ntime {self.time}\n{text}".encode())
        blob = base64.b64encode(self.key_id + self.time.to_bytes(8, "big") + signature).decode()
        return f"— {self.name} {blob}\n".encode()

    def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """Status and body for one request; what is known and what is signed change together."""
        first, _, rest = body.partition(b"\n")
        proof_lines, _, note = (b"", b"", rest[1:]) if rest.startswith(b"\n") else rest.partition(b"\n\n")
        old, proof = int(first.removeprefix(b"old ")), [base64.b64decode(line) for line in proof_lines.split()]
        claimed = note.split(b"\n")[0].decode()
        if claimed not in self.logs:
            return 404, b""
        try:
            checkpoint = Checkpoint.parse(text := open_note(note, self.logs[claimed]))
        except ValueError:
            return 403, b""
        if old > checkpoint.size:
            return 400, b""
        with self.busy:
            size, root = self.heads.get(claimed, EMPTY)
            if old != size or (size == checkpoint.size and root != checkpoint.root):
                return 409, f"{size}\n".encode()
            try:
                check_consistency(old, root, checkpoint.size, checkpoint.root, proof)
            except ValueError:
                return 422, b""
            self.heads[claimed] = (checkpoint.size, checkpoint.root)
        return 200, self.cosign(text)


class _Handler(BaseHTTPRequestHandler):
    double: WitnessDouble

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.double.requests.append(body)
        if self.path != "/prefix/add-checkpoint":
            self.send(405, b"", "text/plain")
            return
        match self.double.mode:
            case "500":
                self.send(500, b"out of order", "text/plain")
            case "conflict without a size":
                self.send(409, b"no idea\n", "text/x.tlog.size")
            case "conflict as text":
                self.send(409, b"1\n", "text/plain")
            case "garbage":
                self.send(200, b"thank you\n", "text/plain")
            case "forgery":
                status, lines = self.double.add_checkpoint(body)
                self.send(status, lines.replace(lines[-8:-4], b"AAAA"), "text/plain")
            case "with strangers":
                status, lines = self.double.add_checkpoint(body)
                stranger = b"\xe2\x80\x94 stranger.example " + base64.b64encode(bytes(76)) + b"\n"
                self.send(status, stranger + lines + stranger, "text/plain")
            case _:
                status, lines = self.double.add_checkpoint(body)
                self.send(status, lines, "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")

    def send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextlib.contextmanager
def running_witness(*logs: VerifierKey) -> Iterator[WitnessDouble]:
    double = WitnessDouble({log.name: log for log in logs})
    with serving(type("Handler", (_Handler,), {"double": double})) as address:
        double.url = f"{address}/prefix"
        yield double
