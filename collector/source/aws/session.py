"""Signed-in sessions of AWS accounts, and their clients: each built once, all sending over one wire."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials

from collector import __version__
from collector.source.aws import descriptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.source.aws.wire import Wire

DEFAULT_REGION = "us-east-1"


class Sessions:
    """Makes sessions that share what can be shared."""

    def __init__(self, wire: Wire, *, connections: int, attempts: int, timeout: float) -> None:
        """`attempts` counts every send of a call; `timeout` is in seconds."""
        self.wire = wire
        self._building = threading.Lock()
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            max_pool_connections=connections,
            connect_timeout=timeout,
            read_timeout=timeout,
            # Whole, not as an extra: its own botocore puts together anew for every call, a twentieth of its work.
            user_agent=f"evidence-collector/{__version__} Boto3/{boto3.__version__}",
        )

    def close(self) -> None:
        """Close the wire, and let the clients' memory go: what was frozen, Python's own schedule would not look at."""
        self.wire.close()
        gc.unfreeze()
        gc.collect()

    def ambient(self) -> Session:
        """With the credentials that boto3 finds by its own rules: environment, profile, container, instance."""
        return Session(core_session(), self._config, self.wire, self._building)

    def assumed(self, base: Session, role_arn: str, *, external_id: str) -> Session:
        """With the credentials of a role, taken from `base` and renewed before they run out."""
        core = core_session()
        core.set_config_variable("region", base.region)
        assume = AssumedRole(base, role_arn, external_id)
        core.register_component("credential_provider", CredentialResolver([assume]))
        return Session(core, self._config, self.wire, self._building)


def core_session() -> botocore.session.Session:
    """A session of botocore's own, with the descriptions that the whole process shares."""
    core = botocore.session.Session()
    core.register_component("data_loader", descriptions.loader())
    return core


def endpoints(services: Iterable[str]) -> list[str]:
    """The host of each service, with REGION where its name has the region's. Nothing is asked, and nobody signed in."""
    region = "eu-central-1"  # any but the default one, where some hosts have older names
    boto = boto3.Session("none", "none", botocore_session=core_session())
    config = Config(ignore_configured_endpoint_urls=True)
    clients = (boto.client(service, region_name=region, config=config) for service in services)
    return sorted({str(urlsplit(one.meta.endpoint_url).hostname).replace(region, "REGION") for one in clients})


class Session:
    """One signed-in identity."""

    def __init__(self, core: botocore.session.Session, config: Config, wire: Wire, building: threading.Lock) -> None:
        """`building` is held while a client is built, by all sessions of one loader."""
        self._boto = boto3.Session(botocore_session=core)
        self.region = self._boto.region_name or DEFAULT_REGION
        self.wire = wire
        self._core = core
        self._config = config
        self._building = building
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def signed_in(self) -> bool:
        """Whether any credentials were found."""
        return self._boto.get_credentials() is not None

    def unrecorded(self, service: str) -> Any:  # noqa: ANN401 - botocore makes client classes at run time
        """A client whose calls are no evidence: taking a role, in the midst of another call."""
        with self._building:
            return self._boto.client(service, region_name=self.region, config=self._config)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes client classes at run time
        """The client of a service in a region. Using one is thread-safe, building one is not.

        Sessions take turns too: side by side, each would load the same service description and hold its own copy.
        """
        if (service, region) in self._clients:
            return self._clients[service, region]
        with self._building:
            if (service, region) not in self._clients:
                client = self._boto.client(service, region_name=region, config=self._config)
                self.wire.attach(client)
                self._clients[service, region] = client
                gc.freeze()  # it lasts as long as the run: no collection of garbage need walk its description again
            return self._clients[service, region]

    def paging(self, service: str, operation: str) -> dict[str, Any] | None:
        """How botocore's own data says an operation pages; None when it does not."""
        try:
            return dict(self._core.get_paginator_model(service).get_paginator(operation))
        except ValueError:
            return None

    def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            client.close()


class AssumedRole(CredentialProvider):  # type: ignore[misc]  # botocore ships no types
    """Takes a role from another session, again each time its credentials are about to run out."""

    METHOD = "collector-assume-role"

    def __init__(self, base: Session, role_arn: str, external_id: str) -> None:
        super().__init__()
        self._base = base
        self._request = {"RoleArn": role_arn, "RoleSessionName": "evidence-collector"}
        if external_id:
            self._request["ExternalId"] = external_id

    def load(self) -> DeferredRefreshableCredentials:
        """Credentials that are fetched when first used."""
        refresh: Callable[[], dict[str, str]] = self._assume
        return DeferredRefreshableCredentials(refresh_using=refresh, method=self.METHOD)

    def _assume(self) -> dict[str, str]:
        granted = self._base.unrecorded("sts").assume_role(**self._request)["Credentials"]
        return {
            "access_key": granted["AccessKeyId"],
            "secret_key": granted["SecretAccessKey"],
            "token": granted["SessionToken"],
            "expiry_time": granted["Expiration"].isoformat(),
        }
