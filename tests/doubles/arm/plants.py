"""What is planted in the tenant, each once: by name, and the control whose rule must find it."""

from __future__ import annotations

PLANTS = {
    "open container": "IAM-15",
    "desktop port open": "IAM-14",
    "database unencrypted": "IAM-16",
    "server open to the world": "IAM-14",
    "key without rotation": "IAM-18",
    "vault can be purged": "IAM-18",
    "machine without backup": "BCP-01",
    "backup kept a week": "BCP-01",
    "database kept a week": "BCP-01",
    "backup failed": "BCP-02",
    "no export of the activity log": "LOG-01",
    "log container not locked": "LOG-02",
    "plan off": "LOG-06",
    "own role with every right": "IAM-11",
    "old TLS": "IAM-17",
    "site without TLS": "IAM-17",
    "workspace kept a month": "LOG-03",
    "rule tells nobody": "LOG-04",
    "alert not acknowledged": "LOG-05",
    "threat alert left open": "INC-05",
    "no rule of configuration": "LOG-09",
    "database in one zone": "BCP-07",
    "account in one building": "BCP-07",
    "vault not locked": "BCP-03",
    "vault in one region": "BCP-03",
    "machine without a copy": "BCP-03",
    "machine not scanned lately": "LOG-07",
}
