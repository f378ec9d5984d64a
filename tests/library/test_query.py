"""A query and its address: loss-free, and deaf to nonsense."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from assets_app.library.query import SORTS, STATUSES, LibraryQuery
from assets_app.models import Kind, MediaType

ids = st.integers(1, 10**15)
queries = st.builds(
    LibraryQuery,
    text=st.text(max_size=60).map(lambda text: " ".join(text.replace("\0", " ").split())),
    media_type=st.sampled_from(["", *MediaType.values]),
    status=st.sampled_from(["", *STATUSES]),
    kind=st.sampled_from(["", *Kind.values]),
    tags=st.sets(ids, max_size=4).map(lambda tags: tuple(sorted(tags))),
    collection=st.none() | ids,
    owner=st.none() | ids | st.just("me"),
    since=st.none() | st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    until=st.none() | st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    used=st.sampled_from(["", "yes", "no"]),
    starred=st.booleans(),
    rating=st.integers(0, 5),
    sort=st.sampled_from(list(SORTS)),
).map(LibraryQuery.consistent)


@given(queries)
def test_an_address_brings_back_the_very_query(query: LibraryQuery) -> None:
    assert LibraryQuery.from_string(query.to_string()) == query


@given(
    st.dictionaries(st.sampled_from("q type tag owner from sort rating collection used".split()), st.text(max_size=30))
)
def test_any_address_is_understood_as_far_as_it_makes_sense(parameters: dict[str, str]) -> None:
    params = QueryDict(mutable=True)
    params.update(parameters)
    query = LibraryQuery.from_params(params)
    assert LibraryQuery.from_string(query.to_string()) == query


@pytest.mark.parametrize("bad", ["type=film", "tag=x", "tag=0", "owner=-1", "from=2026-13-01", "rating=9", "sort=odd"])
def test_what_makes_no_sense_is_left_out_and_said(bad: str) -> None:
    query = LibraryQuery.from_string(f"{bad}&kind=voice")
    assert query == LibraryQuery(kind="voice")
    assert bad in query.ignored[0]


def test_sorting_by_use_shows_what_was_used() -> None:
    assert LibraryQuery.from_string("sort=used").used == "yes"
    contradiction = LibraryQuery.from_string("sort=used&used=no")
    assert contradiction.sort == "newest"
    assert contradiction.ignored
    assert LibraryQuery.from_string("sort=used").without("used") == LibraryQuery()
