"""A real S3 server with true Object Lock for the length of a test: Ceph's RADOS Gateway, one node, objects in memory.

Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common. It wants to be root. With
libfaketime beside them its clock can be set forward.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool")
_START_SECONDS = 60
_CLOCKS = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon}
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd crush initial weight = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
osd objectstore = memstore
memstore device bytes = 2147483648
osd class load list = *
osd class default list = *
mon data = {folder}/mon
osd data = {folder}/osd
run dir = {folder}
admin socket = {folder}/$name.$pid.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
keyring = {folder}/keyring
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw data = {folder}/rgw
"""


def missing() -> str:
    """Why it cannot run here; empty when it can."""
    if absent := [program for program in _PROGRAMS if not shutil.which(program)]:
        return f"the Debian packages radosgw, ceph-mon, ceph-osd and ceph-common are not here ({', '.join(absent)})"
    return "" if os.geteuid() == 0 else "Ceph's daemons start as root only"


def missing_clock() -> str:
    """Why its clock cannot be set here; empty when it can."""
    return "" if _CLOCKS else "the Debian package libfaketime is not here"


@dataclass(frozen=True, slots=True)
class Rgw:
    """The server: where it is, how to make a user of it, and how to set its clock."""

    endpoint: str
    configuration: Path

    def user(self, name: str, access: str = "", secret: str = "") -> tuple[str, str]:
        """Make a user; its access key and secret, made up where none are given."""
        access, secret = access or f"AK{name.upper()}", secret or f"SK{name}"
        _said(
            self.configuration,
            *("radosgw-admin", "-n", "client.rgw", "user", "create", f"--uid={name}", f"--display-name={name}"),
            *(f"--access-key={access}", f"--secret-key={secret}"),
        )
        return access, secret

    def set_forward(self, days: int) -> None:
        """End the gateway and start it again on the same objects, with its clock so many days ahead of ours."""
        pid = int((self.configuration.parent / "client.rgw.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
        ahead = {"LD_PRELOAD": str(_CLOCKS[0]), "FAKETIME": f"+{days}d", "DONT_FAKE_MONOTONIC": "1"}
        _said(self.configuration, "radosgw", "-n", "client.rgw", **ahead)
        _until_it_answers(int(self.endpoint.rpartition(":")[2]))


@contextlib.contextmanager
def running_rgw() -> Iterator[Rgw]:
    """Start it on free ports of the loopback, wait until it answers, and end it on leaving."""
    with tempfile.TemporaryDirectory(prefix="rgw-") as name:
        folder = Path(name)
        try:
            yield _started(folder)
        finally:
            for file in folder.glob("*.pid"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(file.read_text()), signal.SIGKILL)
            time.sleep(0.5)  # until their last files are closed


def _started(folder: Path) -> Rgw:
    configuration = folder / "ceph.conf"
    fsid, mon, port = uuid.uuid4(), _free_port(), _free_port()
    configuration.write_text(_CONFIGURATION.format(fsid=fsid, folder=folder, mon=mon, port=port))
    (folder / "keyring").touch()
    (folder / "mon").mkdir()
    (folder / "osd").mkdir()
    monmap = folder / "monmap"
    _said(configuration, "monmaptool", "--create", "--addv", "a", f"[v1:127.0.0.1:{mon}]", "--fsid", fsid, monmap)
    _said(configuration, "ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
    _said(configuration, "ceph-mon", "-i", "a")
    osd = uuid.uuid4()
    _until_it_works(configuration, "ceph", "osd", "new", osd)
    _said(configuration, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
    _until_it_works(configuration, "ceph-osd", "-i", "0")
    _said(configuration, "radosgw", "-n", "client.rgw")
    rgw = Rgw(f"http://127.0.0.1:{port}", configuration)
    _until_it_answers(port)
    return rgw


def _said(configuration: Path, *command: object, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - constants and our own paths
        [str(part) for part in command],
        env=os.environ | {"CEPH_CONF": str(configuration)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_START_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _until_it_works(configuration: Path, *command: object) -> None:
    """A monitor that has just started refuses commands now and then ("wrong fsid"), an OSD's own too."""
    for _ in range(40):
        with contextlib.suppress(RuntimeError):
            _said(configuration, *command)
            return
        time.sleep(0.25)
    _said(configuration, *command)


def _until_it_answers(port: int) -> None:
    for _ in range(_START_SECONDS * 10):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"radosgw did not listen on port {port} within {_START_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
