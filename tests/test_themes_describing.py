import pytest

from qualcode.tables.themes import NAMED, ONE_PERSON, UNSTABLE
from qualcode.themes.describing import caution


@pytest.mark.parametrize(
    ("people", "of_people", "share", "stability", "chance", "named", "note"),
    [
        (3, 5, 0.79, 0.6, 0.5, False, ""),
        (1, 5, 1.0, 0.9, 0.5, False, ONE_PERSON),
        (3, 5, 0.8, 0.9, 0.5, False, ONE_PERSON),
        (1, 1, 1.0, 0.9, 0.5, False, ""),
        (3, 5, 0.5, 0.59, 0.5, False, UNSTABLE),
        (3, 5, 0.5, 0.7, 0.75, False, UNSTABLE),
        (3, 5, 0.5, 1.0, 0.0, True, NAMED),
        (1, 5, 1.0, 0.2, 0.0, True, f"{ONE_PERSON}; {UNSTABLE}; {NAMED}"),
    ],
)
def test_cautions(people, of_people, share, stability, chance, named, note):
    assert caution(people, of_people, share, stability, chance, named) == note
