"""A place is one word: what it is made into, what it never shows, and what it says when a library is missing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.archive.local import LocalStore
from collector.archive.places import (
    FORMS,
    Bucket,
    Container,
    GoogleBucket,
    bucket_at,
    container_at,
    google_bucket_at,
    store_at,
)
from collector.config import ArchiveSettings
from collector.errors import UsageError

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
PREFIXES = st.lists(NAMES, max_size=3).map("/".join)
SECRET = "c2VjcmV0"  # noqa: S105 - what no message may show
HIDING = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
from collector.cli.main import main
sys.argv = ["collector", "init", "--archive", {url!r}]
main()
"""


def opened(place: str) -> object:
    return store_at(place, 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))


@given(NAMES, PREFIXES)
def test_what_is_written_is_what_is_read(name: str, prefix: str) -> None:
    inner = f"{prefix}/" if prefix else ""
    assert bucket_at(f"s3://{name}/{prefix}?region=r") == Bucket(name, inner, "r", None)
    assert google_bucket_at(f"gs://{name}/{prefix}/?endpoint=http://h:1") == GoogleBucket(name, inner, "http://h:1")
    assert container_at(f"az://a/{name}/{prefix}?subscription=s&group=g") == Container("a", name, inner, "s", "g")
    for url, at in (("s3://", bucket_at), ("gs://", google_bucket_at), ("az://a/", container_at)):
        assert str(at(f"{url}{name}/{prefix}")) == f"{url}{name}/{prefix}".rstrip("/")


@given(st.sampled_from([*FORMS, "ftp", ""]), st.text(max_size=40))
def test_any_text_is_a_place_or_is_explained_in_one_line(scheme: str, rest: str) -> None:
    url = f"{scheme}://{rest}"
    at = {"s3": bucket_at, "gs": google_bucket_at, "az": container_at}.get(scheme, opened)
    said = ""
    try:
        said = str(at(url))
    except UsageError as error:
        said = str(error)
    assert said.startswith(f"{scheme}://")


@pytest.mark.parametrize(
    "url",
    [
        f"gs://key:{SECRET}@b/x",
        f"az://a/c/x?sig={SECRET}",
        f"az://a/c/x?key={SECRET}",
        f"s3://b/x?secret={SECRET}",
        f"az://a/c/x#{SECRET}",
        f"ftp://me:{SECRET}@b/x",
    ],
)
def test_no_message_shows_a_secret_that_stands_in_the_wrong_place(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("az://a", "az://a: no container is named; write it as az://account/container/prefix"),
        ("az://a/c?group=g", "az://a/c: subscription and group go together"),
        ("az://a/c?endpiont=x", "unknown option 'endpiont'; did you mean endpoint?"),
        ("gs://b?region=eu", "unknown option 'region'; did you mean endpoint?"),
        ("gs:///x", "gs:///x: write it as gs://bucket/prefix?endpoint=…; credentials come from the environment"),
        ("gs://[b/x", "write it as gs://bucket"),
    ],
)
def test_a_place_that_is_none_is_explained(url: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(url)
    assert sentence in str(caught.value)


def test_a_directory_needs_no_scheme_and_keys_lie_beside_their_place() -> None:
    assert isinstance(opened("./evidence"), LocalStore)
    assert ArchiveSettings(path="gs://b/x").keys_path == Path("b.keys")
    assert ArchiveSettings(path="az://a/c/x").keys_path == Path("a.keys")


@pytest.mark.parametrize(
    ("url", "hidden", "extra"),
    [
        ("gs://b/x", ["google.cloud.storage", "google.auth"], "gcp"),
        ("az://a/c", ["azure.storage", "azure.storage.blob"], "azure"),
        ("az://a/c", ["azure.identity"], "azure"),
    ],
)
def test_a_library_that_is_not_installed_is_one_sentence(
    tmp_path: Path, url: str, hidden: list[str], extra: str
) -> None:
    program = HIDING.format(hidden=hidden, url=url)
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert f"for such a place is not installed; run: pip install 'evidence-collector[{extra}]'" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_cloud_is_imported_for_a_directory() -> None:
    program = (
        "import sys; from collector.cli.main import main; from collector.archive.places import store_at; "
        "store_at('./x', 1, None); "
        "sys.exit(str([n for n in sys.modules if n.startswith(('google.cloud', 'azure', 'boto3'))] or ''))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert ended.stderr.strip() == ""
