"""A real time-stamping authority on loopback: its own certificates, and `openssl ts -reply` behind HTTP.

What `openssl ts` would never sign (another clock, another kind of certificate) is signed with `openssl cms`, from a
TSTInfo written here: how a forger, or an authority years ago, would have done it.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)
TIME_STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONFIGURATION = """
[tsa]
default_tsa = this
[this]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.3.6.1.4.1.57264.2
digests = sha256, sha512
{accuracy}
ess_cert_id_alg = {ess}
ess_cert_id_chain = no
"""


def openssl(*arguments: str | Path, given: bytes = b"") -> bytes:
    ended = subprocess.run(  # noqa: S603 - openssl, and arguments of our own tests
        ["openssl", *map(str, arguments)],  # noqa: S607 - from the PATH, as an auditor would
        input=given,
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {ended.stderr.decode()}")
    return ended.stdout


@dataclass
class Certified:
    """A certificate with its private key, both also as PEM files."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> Path:
        return self.folder / f"{self.certificate.fingerprint(hashes.SHA256()).hex()[:16]}.pem"

    @property
    def key_pem(self) -> Path:
        return self.pem.with_suffix(".key")

    @classmethod
    def make(
        cls,
        folder: Path,
        name: str,
        issuer: Certified | None = None,
        *,
        purposes: Sequence[x509.ObjectIdentifier] = (),
        critical: bool = True,
        since: datetime = NOW - timedelta(days=1),
        until: datetime = NOW + timedelta(days=30),
        serial: int = 0,
    ) -> Self:
        """Issued by `issuer`; without one, by itself. Without purposes it is an authority over certificates."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=not purposes, path_length=None), critical=True)
        )
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
        made = cls(folder, builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)
        made.pem.write_bytes(made.certificate.public_bytes(Encoding.PEM))
        made.key_pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return made


def reply(query: bytes, signer: Certified, *chain: Certified, accuracy: str = "", ess: str = "sha256") -> bytes:
    """What an authority with this certificate answers now, made by `openssl ts`."""
    folder = signer.folder
    configuration, asked, bundle = folder / "tsa.cnf", folder / "query", folder / "chain.pem"
    configuration.write_text(_CONFIGURATION.format(folder=folder, accuracy=accuracy, ess=ess))
    asked.write_bytes(query)
    bundle.write_bytes(b"".join(one.pem.read_bytes() for one in chain))
    if not (folder / "serial").exists():
        (folder / "serial").write_text("01\n")
    options: list[str | Path] = ["-config", configuration, "-queryfile", asked, "-out", folder / "reply"]
    options += ["-chain", bundle] if chain else []
    openssl("ts", "-reply", *options, "-signer", signer.pem, "-inkey", signer.key_pem)
    return (folder / "reply").read_bytes()


def forged(
    text: bytes,
    at: datetime,
    signer: Certified,
    *carried: Certified,
    cades: bool = True,
    version: int = 1,
    nonce: int | None = None,
    fraction: str = "",
) -> bytes:
    """A granted answer that says `at`, signed with `openssl cms`; `carried` are put beside the signer's certificate."""
    digest = _sequence(bytes.fromhex("300d06096086480165030402010500"), _der(0x04, sha256(text).digest()))
    gen_time = at.strftime("%Y%m%d%H%M%S") + fraction + "Z"
    parts = [_integer(version), _der(0x06, bytes.fromhex("2b06010401")), digest, _integer(7)]
    parts.append(_der(0x18, gen_time.encode()))
    if nonce is not None:
        parts.append(_integer(nonce))
    folder = signer.folder
    (folder / "info").write_bytes(_sequence(*parts))
    (folder / "carried.pem").write_bytes(b"".join(one.pem.read_bytes() for one in carried))
    options: list[str | Path] = ["-certfile", folder / "carried.pem"] if carried else []
    options += ["-cades"] if cades else []
    content: list[str | Path] = ["-binary", "-nodetach", "-econtent_type", _TST_INFO, "-in", folder / "info"]
    signed = openssl(
        "cms", "-sign", "-md", "sha256", *content, *options, "-outform", "DER", "-signer", signer.pem, "-inkey",
        signer.key_pem,
    )  # fmt: skip
    return _sequence(_sequence(_integer(0)), signed)


def openssl_accepts(token: bytes, text: bytes, root: Certified, at: datetime | None = None) -> bool:
    """The independent check: `openssl ts -verify`, as if it were `at`."""
    folder = root.folder
    (folder / "token").write_bytes(token)
    (folder / "text").write_bytes(text)
    options = ["-attime", str(int(at.timestamp()))] if at else []
    files: list[str | Path] = ["-in", folder / "token", "-data", folder / "text", "-CAfile", root.pem]
    try:
        return b"Verification: OK" in openssl("ts", "-verify", *files, *options)
    except RuntimeError:
        return False


@dataclass
class TsaDouble:
    """A running authority. `mode` is how it answers the next requests."""

    root: Certified
    signer: Certified
    mode: str = "well"
    url: str = ""
    queries: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    busy: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, query: bytes) -> bytes:
        digest = query.partition(b"\x04\x20")[2][:32].hex()
        match self.mode:
            case "wrong nonce":
                query = openssl("ts", "-query", "-digest", digest, "-sha256", "-cert")
            case "wrong imprint":
                query = query.replace(bytes.fromhex(digest), sha256(b"another text").digest())
            case "rejection":
                query = openssl("ts", "-query", "-digest", digest[:40], "-sha1", "-cert")
            case "no certificate":
                query = query.replace(b"\x01\x01\xff", b"").replace(query[:2], bytes([0x30, query[1] - 3]), 1)
            case "garbage":
                return b"\x30\x82not DER at all" * 10
        with self.busy:
            return reply(query, self.signer, accuracy="accuracy = secs:1, millisecs:500")


class _Handler(BaseHTTPRequestHandler):
    double: TsaDouble

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.double.queries.append(query)
        well_asked = self.headers["Content-Type"] == "application/timestamp-query"
        with contextlib.suppress(ConnectionError):  # a client that gave up waiting is what some tests are about
            self.respond(query) if well_asked else self.send(415, b"")

    def respond(self, query: bytes) -> None:
        match self.double.mode:
            case "500":
                self.send(500, b"try again later")
            case "redirect":
                self.send(307, b"", Location=f"{self.double.url}/elsewhere")
            case "slow":
                self.double.released.wait(30)
                self.send(200, self.double.answer(query))
            case "drip":
                self.send(200, b"", length=10_000)
                while not self.double.released.wait(0.05):
                    self.wfile.write(b"0")
            case "endless":
                self.send(200, bytes(1_000_000))
            case "hangs up":
                self.connection.close()
            case _:
                self.send(200, self.double.answer(query))

    def send(self, status: int, body: bytes, *, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextlib.contextmanager
def running_tsa(folder: Path) -> Iterator[TsaDouble]:
    root = Certified.make(folder, "Time Root")
    double = TsaDouble(root, Certified.make(folder, "Time Authority", root, purposes=TIME_STAMPING))
    with serving(type("Handler", (_Handler,), {"double": double})) as double.url:
        try:
            yield double
        finally:
            double.released.set()


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on loopback that answers with this handler until the block is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(octets)]) + octets) + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
