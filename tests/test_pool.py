from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextvars import ContextVar

import pytest

from collector.engine.pool import Pool


def test_answers_come_in_the_order_of_the_items() -> None:
    with Pool(4) as pool:
        assert list(pool.map(_later, range(6))) == list(range(6))


def _later(number: int) -> int:
    time.sleep((5 - number) / 100)
    return number


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_work_that_asks_for_work_never_waits_for_itself(threads: int) -> None:
    with Pool(threads) as pool:

        def tree(depth: int) -> int:
            return 1 + sum(pool.map(tree, [depth - 1] * 3)) if depth else 1

        assert list(pool.map(tree, [4] * 4)) == [121] * 4


def test_no_more_runs_at_once_than_the_pool_has_threads_and_the_caller() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    with Pool(3) as pool:
        list(pool.map(work, range(40)))
    assert most <= 4
    assert most > 1


def test_the_first_error_ends_it_and_drops_what_has_not_started() -> None:
    started: list[int] = []

    def work(n: int) -> int:
        started.append(n)
        if n == 1:
            raise ValueError("one")
        time.sleep(0.05)
        return n

    with Pool(1) as pool, pytest.raises(ValueError, match="one"):
        list(pool.map(work, range(50)))
    assert len(started) < 10


def test_nobody_waits_for_what_is_not_done_when_it_is_over() -> None:
    over: Future[None] = Future()
    held, let_go = threading.Event(), threading.Event()

    def work(number: int) -> int:
        if number == 1:
            held.set()
            let_go.wait(20)
        return number

    with Pool(1) as pool:

        def end() -> None:
            held.wait(20)
            over.set_result(None)

        threading.Thread(target=end).start()
        assert list(pool.race(work, range(3), over)) == [0, None, None]
        assert pool.busy == 1, "it is still at it"
        let_go.set()
    assert pool.busy == 0
    with Pool(2) as pool:
        assert list(pool.race(_later, range(6), Future())) == list(range(6))


def test_workers_know_the_context_that_gave_them_their_work() -> None:
    run: ContextVar[str] = ContextVar("run", default="none")
    run.set("this one")

    def seen(_: int) -> str:
        time.sleep(0.01)
        return run.get()

    with Pool(2) as pool:
        assert set(pool.map(seen, range(6))) == {"this one"}
