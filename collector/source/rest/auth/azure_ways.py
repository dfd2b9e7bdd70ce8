"""The ways in which azure-identity proves who we are: by secret, certificate, or what the machine itself is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from azure.identity import (
    CertificateCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from collector.errors import UsageError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


@dataclass(frozen=True, slots=True)
class Login:
    """What a way needs; empty where the way finds it by itself."""

    tenant_id: str
    client_id: str
    secret: str = field(repr=False)
    certificate_file: str
    authority: str
    """The host that gives tokens."""
    known_host: bool = True
    """Whether it is one of Microsoft's, so that Microsoft's list of hosts may be asked about it."""
    ca_file: str = ""


def way(name: str, login: Login) -> TokenCredential:
    """The credential that proves us in this way; UsageError when what it needs cannot be used."""
    common: dict[str, Any] = {
        "authority": login.authority,
        "disable_instance_discovery": not login.known_host,
        **({"connection_verify": login.ca_file} if login.ca_file else {}),
    }
    client: dict[str, Any] = {"client_id": login.client_id} if login.client_id else {}
    try:
        match name:
            case "client_secret":
                return ClientSecretCredential(login.tenant_id, login.client_id, login.secret, **common)
            case "certificate":
                return CertificateCredential(login.tenant_id, login.client_id, login.certificate_file, **common)
            case "managed_identity":
                return ManagedIdentityCredential(**client)
            case "workload_identity":
                tenant = {"tenant_id": login.tenant_id} if login.tenant_id else {}
                return WorkloadIdentityCredential(**tenant, **client, **common)
            case _:
                return _default(login, common)
    except (OSError, ValueError) as error:  # its text may quote a file
        raise UsageError(f"sign_in by {name}: something it needs is missing ({type(error).__name__})") from error


def _default(login: Login, common: dict[str, Any]) -> TokenCredential:
    """The order of Azure's own default: environment, workload identity, managed identity, the tools of developers.

    The default itself would ask Microsoft's commercial cloud for a workload's token, whatever authority is given.
    """
    first: list[TokenCredential] = [EnvironmentCredential(**common)]
    with suppress(ValueError):  # this machine is no workload that a cluster vouches for
        first.append(WorkloadIdentityCredential(**common))
    chosen = {"managed_identity_client_id": login.client_id} if login.client_id else {}
    others = DefaultAzureCredential(
        exclude_environment_credential=True, exclude_workload_identity_credential=True, **chosen, **common
    )
    return ChainedTokenCredential(*first, others)
