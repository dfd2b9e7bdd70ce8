from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.source.rest.memory import Memory
from collector.source.rest.wire import Reply


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 40), st.booleans()), max_size=30))
def test_it_holds_the_newest_answers_and_never_too_much(steps: list[tuple[str, int, bool]]) -> None:
    memory, newest = Memory(most_bytes=60), dict[str, Reply | None]()
    for number, (url, size, tagged) in enumerate(steps):
        reply = Reply(200, {"etag": f'"{number}"'} if tagged else {}, b"x" * size)
        memory.remember(url, reply)
        newest[url] = reply if tagged else None
        held = [one for one in map(memory.recall, "abcde") if one is not None]
        assert sum(len(one.reply.body) for one in held) <= 60
        for name, last in newest.items():
            known = memory.recall(name)
            assert known is None or known.reply is last
        if tagged:
            known = memory.recall(url)
            assert known is not None
            assert known.etag == f'"{number}"'
