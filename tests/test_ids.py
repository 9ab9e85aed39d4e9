"""Ids of rows."""

import time
from itertools import islice

from crmctl.models.base import new_id, new_ids


def test_ids_are_different_and_of_their_time() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_id(), *new_ids(500), new_id()]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == 502
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert all(before <= each.int >> 80 <= after for each in ids)


def test_no_more_ids_are_taken_than_are_wanted() -> None:
    assert len(list(islice(new_ids(3), 2))) == 2
    assert len(list(new_ids(3))) == 3
