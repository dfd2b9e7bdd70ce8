"""Where Azure's own library finds credentials by itself: looked at without it, and without asking anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = "AZURE_CLIENT_ID with AZURE_TENANT_ID and a secret, a certificate or a federated token; az login"
_PROOFS = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")


def found(environment: Mapping[str, str]) -> str:
    """Where there are some, in words: an application with what proves it, or a person who is signed in; or nothing."""
    proof = next((name for name in _PROOFS if environment.get(name)), "")
    if environment.get("AZURE_CLIENT_ID") and proof:
        return f"AZURE_CLIENT_ID, {proof}"
    home = environment.get("HOME", "")
    folder = environment.get("AZURE_CONFIG_DIR") or (f"{home}/.azure" if home else "")
    return f"az login, {folder}" if folder and (Path(folder) / "azureProfile.json").is_file() else ""


def authority(environment: Mapping[str, str]) -> str:
    """The host that gives tokens, where the environment names one: it tells Microsoft's clouds apart."""
    return environment.get("AZURE_AUTHORITY_HOST", "").removeprefix("https://").rstrip("/")
