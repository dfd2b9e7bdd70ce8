"""The image, built for real by buildah on a base that debootstrap makes, and run for real without an engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
NEEDED = ("buildah", "debootstrap", "unshare", "setpriv")
BASE, IMAGE = "localhost/evidence-collector-base", "localhost/evidence-collector-test"
USER = 65532
# What a container engine does, by hand: namespaces, a read-only root, a temporary /tmp, one volume, an unprivileged
# user without new privileges. The network is the host's, where the doubles are.
CONTAINED = """
mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$1/tmp"; mount --bind "$2" "$1/var/lib/collector"; root=$1; shift 2
exec setpriv --no-new-privs chroot --userspec=65532:65532 --groups= "$root" \
  sh -c 'cd /var/lib/collector && exec "$@"' sh "$@"
"""


@dataclass(frozen=True)
class Image:
    """A built image, mounted."""

    root: Path
    size: str
    base_size: str

    def start(self, state: Path, *command: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command as the first process of a container whose volume is `state`."""
        os.chown(state, USER, USER)
        return subprocess.Popen(  # noqa: S603 - our own words
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
                *("sh", "-ec", CONTAINED, "sh", str(self.root), str(state), *command),
            ],
            env={"PATH": "/opt/collector/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp"} | dict(environment or {}),  # noqa: S108 - inside the container
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def first_process(started: subprocess.Popen[str]) -> int:
    """The container's first process, by its number outside: unshare itself hands no signal on."""
    (child,) = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
    return int(child)


def built(work: Path) -> Image:
    """Build it, on a base that is made once; skips where that cannot be done, and says why."""
    if lacking := [name for name in NEEDED if not shutil.which(name)]:
        pytest.skip(f"needs {', '.join(lacking)} (Debian packages)")
    if os.geteuid() != 0:
        pytest.skip("needs root, to make a base and to build in a chroot")
    if not _buildah("images", "--quiet", "--filter", f"reference={BASE}"):
        _make_base()
    secrets = [f"--secret=id=pip.conf,src={_pip_settings(work)}"]
    if certificates := os.environ.get("PIP_CERT"):
        secrets.append(f"--secret=id=ca.pem,src={certificates}")
    options = ["--layers", "--format=docker", f"--build-arg=BASE_IMAGE={BASE}", f"--tag={IMAGE}", *secrets]
    _buildah("bud", *options, str(ROOT))
    root = Path(_buildah("mount", _buildah("from", IMAGE)))
    return Image(root, *(_buildah("images", "--format={{.Size}}", name) for name in (IMAGE, BASE)))


def _make_base() -> None:
    """A Debian with Python and certificates, in place of a public base image, which cannot be had here."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        wanted = "python3,python3-venv,ca-certificates,tzdata"
        subprocess.run(  # noqa: S603 - our own words
            ["debootstrap", "--variant=minbase", f"--include={wanted}", "bookworm", folder],  # noqa: S607 - on the path
            check=True,
            stdout=subprocess.DEVNULL,
        )
        container = _buildah("from", "scratch")
        _buildah("add", "--quiet", container, folder, "/")
        _buildah("commit", "--quiet", "--rm", container, BASE)


def _pip_settings(work: Path) -> Path:
    """What pip needs to know here to reach its index: nothing, or which certificates to believe."""
    settings = work / "pip.conf"
    settings.write_text("[global]\n" + ("cert = /run/secrets/ca.pem\n" if os.environ.get("PIP_CERT") else ""))
    return settings


def _buildah(*arguments: str) -> str:
    ended = subprocess.run(  # noqa: S603 - our own words
        ["buildah", *arguments],  # noqa: S607 - wherever it is installed
        env={**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"buildah {arguments[0]}: {ended.stderr[-3000:]}"
    return ended.stdout.strip()
