"""Buckets of tokens."""

from service.web.people.buckets import Buckets


def test_a_bucket_empties_and_fills_again_for_each_person() -> None:
    now = [0.0]
    buckets = Buckets(3, 6.0, lambda: now[0])
    assert [buckets.take("mina") for _ in range(4)] == [0, 0, 0, 6]
    assert buckets.take("sora") == 0
    now[0] = 5.5
    assert buckets.take("mina") == 1
    now[0] = 6.0
    assert [buckets.take("mina") for _ in range(2)] == [0, 6]
    now[0] = 600.0
    assert [buckets.take("mina") for _ in range(4)] == [0, 0, 0, 6]
