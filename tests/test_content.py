import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qualcode.content import spread, stop_words


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8))
def test_every_place_of_every_range(ranges):
    low, high = (np.array([item[at] for item in ranges], dtype=np.int64) for at in (0, 1))
    of, place = spread(low, high)
    expected = [(number, at) for number, (begin, end) in enumerate(ranges) for at in range(begin, end)]
    assert list(zip(of.tolist(), place.tolist(), strict=True)) == expected


def test_stop_words_tell_nothing():
    assert {"the", "and", "of"} <= stop_words()
    assert not {"mentor", "school"} & stop_words()
