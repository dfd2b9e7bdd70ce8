"""Where an archive can be: one word in the configuration, made into a store."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from collector.archive.local import LocalStore
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.archive.store import Place

_GOOGLE = (
    "storage.googleapis.com",
    "oauth2.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "iam.googleapis.com",
)
FORMS = {
    "s3": "s3://bucket/prefix?region=…&endpoint=…",
    "gs": "gs://bucket/prefix?endpoint=…",
    "az": "az://account/container/prefix?subscription=…&group=…&endpoint=…&management=…",
}
"""How each kind of place is written; every option may be left out, and there are no others."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of S3, and the prefix of every key of one archive in it: empty, or ending in `/`."""

    name: str
    prefix: str
    region: str | None
    endpoint: str | None

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class GoogleBucket:
    """A bucket of Google Cloud Storage, and the prefix in it."""

    name: str
    prefix: str
    endpoint: str | None

    def __str__(self) -> str:
        return f"gs://{self.name}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Container:
    """A container of an Azure storage account, and the prefix in it.

    Subscription and resource group are what its management is asked under; without them it is not asked.
    """

    account: str
    name: str
    prefix: str
    subscription: str | None = None
    group: str | None = None
    endpoint: str | None = None
    """The account's blob endpoint as a connection string has it, `https://account.blob.core.windows.net`."""
    management: str | None = None

    def __str__(self) -> str:
        return f"az://{self.account}/{self.name}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a store is opened on, whatever its kind."""

    retain_days: int
    clock: Callable[[], datetime]
    environment: Mapping[str, str]
    """Where credentials are that a provider's own library does not look up itself."""


def store_at(
    place: str,
    retain_days: int,
    clock: Callable[[], datetime],
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Place:
    """The store in a directory or at a URL; UsageError when it is neither, or a library for it is not installed."""
    scheme, separator, _ = place.partition("://")
    if not separator:
        return LocalStore(Path(place))
    if scheme not in _KINDS:
        forms = ", or ".join(FORMS.values())
        raise UsageError(f"{_shown(place)}: no archive can be kept there; name a directory, or {forms}")
    extra, opened = _KINDS[scheme]
    try:
        return opened(place, Terms(retain_days, clock, environment))
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{_shown(place)}: the Python package {error.name} for such a place is not installed; "
            f"run: pip install 'evidence-collector[{extra}]'"
        ) from error


def hosts_of(place: str) -> list[str]:
    """The hosts that an archive in a directory (none) or at a URL is reached at; REGION stands for a region."""
    scheme = place.partition("://")[0] if "://" in place else ""
    if scheme == "s3":
        bucket = bucket_at(place)
        region = bucket.region or "REGION"
        # A trail that records the bucket may be at home in any region; whose identities may write, the account tells.
        own = [f"{bucket.name}.s3.{region}.amazonaws.com", "cloudtrail.REGION.amazonaws.com"]
        own += [f"sts.{region}.amazonaws.com", "iam.amazonaws.com"]
        return [urlsplit(bucket.endpoint).netloc] if bucket.endpoint else own
    if scheme == "gs":
        endpoint = google_bucket_at(place).endpoint
        return [urlsplit(endpoint).netloc] if endpoint else list(_GOOGLE)
    if scheme == "az":
        container = container_at(place)
        blobs = (
            urlsplit(container.endpoint).netloc if container.endpoint else f"{container.account}.blob.core.windows.net"
        )
        management = urlsplit(container.management).netloc if container.management else "management.azure.com"
        return [blobs, "login.microsoftonline.com", *([management] if container.subscription else [])]
    return []


def bucket_at(url: str) -> Bucket:
    """The bucket an `s3://` URL names; UsageError when it names none, or says what is not understood."""
    name, path, options = _parts(url)
    return Bucket(name, _prefix(path), options.get("region"), options.get("endpoint"))


def google_bucket_at(url: str) -> GoogleBucket:
    """The bucket a `gs://` URL names; UsageError as for `bucket_at`."""
    name, path, options = _parts(url)
    return GoogleBucket(name, _prefix(path), options.get("endpoint"))


def container_at(url: str) -> Container:
    """The container an `az://` URL names; UsageError as for `bucket_at`, or when it names only an account."""
    account, path, options = _parts(url)
    name, _, prefix = path.partition("/")
    if not name:
        raise UsageError(f"{_shown(url)}: no container is named; write it as {FORMS['az']}")
    if ("subscription" in options) != ("group" in options):
        raise UsageError(f"{_shown(url)}: subscription and group go together; name both or neither")
    return Container(account, name, _prefix(prefix), **options)


def _s3(url: str, terms: Terms) -> Place:
    bucket = bucket_at(url)
    # A library for a cloud takes half a second to import; an archive in a directory never needs one.
    from collector.archive.s3 import S3Store  # noqa: PLC0415

    return S3Store(bucket, terms.retain_days, terms.clock)


def _google(url: str, terms: Terms) -> Place:
    bucket = google_bucket_at(url)
    from collector.archive.gcs import GcsStore  # noqa: PLC0415

    return GcsStore(bucket, terms.retain_days, terms.clock)


def _azure(url: str, terms: Terms) -> Place:
    container = container_at(url)
    from collector.archive.azure import AzureStore  # noqa: PLC0415

    return AzureStore(container, terms)


_KINDS: Mapping[str, tuple[str, Callable[[str, Terms], Place]]] = {
    "s3": ("aws", _s3),
    "gs": ("gcp", _google),
    "az": ("azure", _azure),
}
"""Of each scheme: the extra that installs its library, and what opens it."""


def _parts(url: str) -> tuple[str, str, dict[str, str]]:
    """Host, path without outer slashes, and options of a URL in one of the forms; an empty option is none."""
    scheme = url.partition("://")[0]
    form = FORMS[scheme]
    known = [name for name, _ in parse_qsl(urlsplit(form).query)]
    try:
        parts = urlsplit(url)
        host = parts.netloc
    except ValueError:
        host = ""
    if not host or "@" in host or parts.fragment:
        raise UsageError(
            f"{_shown(url)}: write it as {form}; credentials come from the environment and never stand here"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1) or known
            raise UsageError(f"{_shown(url)}: unknown option {name!r}; did you mean {' or '.join(near)}?")
    return host, parts.path.strip("/"), {name: value for name, value in options.items() if value}


def _prefix(path: str) -> str:
    path = path.strip("/")
    return f"{path}/" if path else ""


def _shown(url: str) -> str:
    """The URL for a message: without what could be a secret in the wrong place."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('?')[0].partition('#')[0].rpartition('@')[2]}"
