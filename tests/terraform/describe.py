"""What each provider lets one say of the resources that deploy/ uses, read from the provider packages on npm.

    npm pack @cdktf/provider-aws @cdktf/provider-google @cdktf/provider-azurerm
    python -m tests.terraform.describe cdktf-provider-*.tgz > tests/terraform/schema.json

Terraform's own registry is not asked, so that the check needs no network. Only names are kept: the arguments of each
block, and which of them must be given.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

from tests.terraform.modules import used

INTERFACE = re.compile(r"export interface (\w+)([^{]*)\{(.*?)\n\}", re.DOTALL)
ARGUMENT = re.compile(r"#(\w+) \w+#\w+\}.*?readonly \w+(\??): ([^;]+);", re.DOTALL)


def described(package: Path) -> dict[str, Any]:
    """The blocks of one provider that deploy/ uses, by `resource TYPE` or `data TYPE`."""
    named = re.search(r"provider-([a-z]+)-", package.name)
    assert named, f"{package} is no provider's package"
    provider, found = named[1], {}
    with tarfile.open(package) as archive:
        for thing in sorted(used()):
            kind, type_ = thing.split()
            if type_.startswith(f"{provider}_"):
                folder = type_.removeprefix(f"{provider}_").replace("_", "-")
                member = archive.extractfile(
                    f"package/lib/{f'data-{provider}-{folder}' if kind == 'data' else folder}/index.d.ts"
                )
                assert member, thing
                found[thing] = _top(member.read().decode())
    return found


def _top(text: str) -> dict[str, Any]:
    shapes = {name: (heading, body) for name, heading, body in INTERFACE.findall(text)}
    (top,) = (body for heading, body in shapes.values() if "TerraformMetaArguments" in heading)
    return _block(top, {name: body for name, (_, body) in shapes.items()})


def _block(body: str, shapes: dict[str, str]) -> dict[str, Any]:
    arguments = {}
    for name, optional, type_ in ARGUMENT.findall(body):
        inner = next((shape for word in re.findall(r"\w+", type_) if (shape := shapes.get(word))), None)
        arguments[name] = {"required": not optional} | ({"block": _block(inner, shapes)} if inner else {})
    return arguments


if __name__ == "__main__":
    found = {thing: block for package in sys.argv[1:] for thing, block in described(Path(package)).items()}
    lines = (f"{json.dumps(thing)}: {json.dumps(block)}" for thing, block in sorted(found.items()))
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")
