"""The `[azure]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

CLOUDS = {
    "commercial": ("login.microsoftonline.com", "https://management.azure.com", "https://graph.microsoft.com"),
    "us_government": ("login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://graph.microsoft.us"),
    "china": (
        "login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
    ),
}
"""Microsoft's clouds: where tokens come from, where Azure Resource Manager is, and where Graph is."""
WAYS = ("client_secret", "certificate", "managed_identity", "workload_identity", "default", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSettings:
    """What may be set; every default works for the tenant that Azure's own tools are signed in to."""

    cloud: str = "commercial"
    """commercial, us_government or china."""
    sign_in: str = "default"
    """client_secret, certificate, managed_identity, workload_identity, token; default: as Azure's own tools find it."""
    tenant_id: str = ""
    """The tenant; for a client secret and a certificate."""
    client_id: str = ""
    """The application; for a client secret and a certificate, or to choose among managed identities."""
    client_secret: str = "env:AZURE_CLIENT_SECRET"  # noqa: S105 - says where the secret is
    """`env:NAME` or `file:PATH`."""
    certificate_file: str = ""
    """The application's certificate and private key, in one PEM file."""
    token: str = "env:AZURE_TOKEN"  # noqa: S105 - says where the token is
    """A token that something else renews: `env:NAME` or `file:PATH`."""
    authority: str = ""
    """The host that gives tokens, in place of the cloud's own."""
    base_url: str = ""
    """Where Azure Resource Manager is, in place of the cloud's own."""
    entra_connected: bool = False
    """Whether the identity may read Entra too: the members of groups that hold roles are then read through Graph.

    It takes Graph's application permissions GroupMember.Read.All and User.Read.All.
    """
    graph_token: str = "env:AZURE_GRAPH_TOKEN"  # noqa: S105 - says where the token is
    """A token for Graph that something else renews, where `sign_in` is `token`."""
    graph_url: str = ""
    """Where Graph is, in place of the cloud's own, without its version."""
    excluded_subscriptions: dict[str, str] = field(default_factory=dict)
    """Subscriptions that are not collected from, by id, each with the reason."""
    environments: dict[str, str] = field(default_factory=dict)
    """The environment of a subscription, by id, for resources that carry no tag of their own."""
    environment_tag: str = "Environment"
    data_class_tag: str = "DataClass"
    owner_tag: str = "Owner"
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
    reserve_percent: int = 20
    """How much of each quota is left to the tenant's other programs."""

    def __post_init__(self) -> None:
        if self.cloud not in CLOUDS:
            raise ValueError(f"cloud must be one of {', '.join(CLOUDS)}, not {self.cloud!r}")
        if self.sign_in not in WAYS:
            raise ValueError(f"sign_in must be one of {', '.join(WAYS)}, not {self.sign_in!r}")
        if self.sign_in in {"client_secret", "certificate"} and not (self.tenant_id and self.client_id):
            raise ValueError(f"sign_in by {self.sign_in} takes tenant_id and client_id")
        if self.sign_in == "certificate" and not self.certificate_file:
            raise ValueError("sign_in by certificate takes certificate_file")
        if not 0 <= self.reserve_percent <= 90:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"reserve_percent must be from 0 to 90, not {self.reserve_percent}")

    @property
    def login_host(self) -> str:
        """The host that gives tokens."""
        return self.authority or CLOUDS[self.cloud][0]

    @property
    def manager(self) -> str:
        """The address of Azure Resource Manager."""
        return (self.base_url or CLOUDS[self.cloud][1]).rstrip("/")

    @property
    def graph(self) -> str:
        """The address of Graph, in the one version that is read."""
        return f"{(self.graph_url or CLOUDS[self.cloud][2]).rstrip('/')}/v1.0"

    @property
    def graph_audience(self) -> str:
        """What tokens for Graph are asked for."""
        return f"{CLOUDS[self.cloud][2]}/.default"

    @property
    def audience(self) -> str:
        """What tokens are asked for: Resource Manager of this cloud, wherever it is reached."""
        return f"{CLOUDS[self.cloud][1]}/.default"
