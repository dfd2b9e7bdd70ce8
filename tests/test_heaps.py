"""The heaps that the threads of a run allocate from, as glibc itself counts them, in a process of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

THREADS = 12
COUNT = f"""
import ctypes, re, sys, tempfile, threading
from collector.engine.pool import Pool
together = threading.Barrier({THREADS})

def work(_):
    together.wait()
    held = [bytes(2000) for _ in range(500)]
    together.wait()
    return len(held)

libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told, Pool({THREADS}) as pool:
    if sys.argv[1] == "shared":
        futures = [pool._executor.submit(work, number) for number in range({THREADS})]
        [one.result() for one in futures]
    else:
        libc.mallopt(-8, 64)  # as glibc would have it on a machine of eight cores
        threads = [threading.Thread(target=work, args=(number,)) for number in range({THREADS})]
        [one.start() for one in threads]
        [one.join() for one in threads]
    stream = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(len(re.findall("<heap nr=", told.read().decode())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap of its own")
@pytest.mark.parametrize(("how", "few"), [("shared", True), ("apart", False)])
def test_all_threads_of_a_pool_share_two_heaps(*, how: str, few: bool) -> None:
    ended = subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - this interpreter
    assert (int(ended.stdout) <= 2) is few, ended.stdout
