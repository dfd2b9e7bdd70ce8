"""The `[azure]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.source.rest.auth.microsoft import MicrosoftSettings

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSettings(MicrosoftSettings):
    """What may be set; every default works for the tenant that Azure's own tools are signed in to."""

    cloud: str = "commercial"
    """commercial, us_government or china."""
    client_secret: str = "env:AZURE_CLIENT_SECRET"  # noqa: S105 - says where the secret is
    """`env:NAME` or `file:PATH`."""
    token: str = "env:AZURE_TOKEN"  # noqa: S105 - says where the token is
    """A token that something else renews: `env:NAME` or `file:PATH`."""
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

    def __post_init__(self) -> None:
        MicrosoftSettings.__post_init__(self)
        if self.cloud not in CLOUDS:
            raise ValueError(f"cloud must be one of {', '.join(CLOUDS)}, not {self.cloud!r}")

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
