"""Files and folders at the head of the default branch."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/repos/{owner}/{repo}/contents/{path}", "contents:read")
def contents(world: World, request: Request) -> Any:
    """A file with its text, or a folder as a list of what it holds."""
    repo, path = world.repo(request), request.arguments["path"].rstrip("/")
    if path in repo.files:
        text = repo.files[path].encode()
        told = _entry(world, request, repo, path)
        return told | {"encoding": "base64", "content": base64.encodebytes(text).decode()}
    inside = sorted(
        {path + "/" + name[len(path) + 1 :].split("/")[0] for name in repo.files if name.startswith(f"{path}/")}
    )
    if not inside:
        raise absent()
    return [_entry(world, request, repo, name) for name in inside]


def blob_name(text: str) -> str:
    """The digest by which git knows a file's content."""
    body = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _entry(world: World, request: Request, repo: Repo, path: str) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}"
    url = f"{base}/contents/{path}?ref={repo.default_branch}"
    text = repo.files.get(path)
    folder = text is None
    body = (text or path).encode()
    sha = blob_name(text or path)
    git = f"{base}/git/{'trees' if folder else 'blobs'}/{sha}"
    web = f"{WEB}/{world.org.login}/{repo.name}/{'tree' if folder else 'blob'}/{repo.default_branch}/{path}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": 0 if folder else len(body),
        "url": url,
        "html_url": web,
        "git_url": git,
        "download_url": None
        if folder
        else f"https://raw.githubusercontent.com/{world.org.login}/{repo.name}/main/{path}",
        "type": "dir" if folder else "file",
        "_links": {"self": url, "git": git, "html": web},
    }
