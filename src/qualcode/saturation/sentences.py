"""What the figures of saturation say, and do not say, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..console import counted_words, enumeration
from ..counting import said
from ..study import Source
from ..tables import percent
from .orders import ENUMERATED, Course, Criterion, quantiles
from .units import Units

if TYPE_CHECKING:
    import pandas as pd

NOUNS = {"source": ("source", "sources"), "participant": ("participant", "participants"), "tenth": ("tenth", "tenths")}
KINDS = {"interview": ("interview", "interviews"), "focus_group": ("focus group", "focus groups")}
MEANING = (
    "Codes can run out before their meanings do (Hennink, Kaiser & Marconi 2017), and a codebook that was made "
    "beforehand, or after all was read, makes new codes rare by itself (Braun & Clarke 2021)."
)
CHANCE = "New information can fall to the threshold by chance and rise again: look at the whole course."
TOGETHER = "People in one talk answer each other, so that random orders of them never took place."


@dataclass(frozen=True)
class Told:
    """Row 0 of a scope."""

    units: int
    orders: int
    sentence: str
    note: str


@dataclass(frozen=True)
class Material:
    """What was said, what of it was `read` (finished by someone whose word counts), and where it comes from."""

    utterances: pd.DataFrame
    read: pd.DataFrame
    sources: Mapping[str, Source]
    criterion: Criterion

    @property
    def finished(self) -> list[Source]:
        """The sources of which something was read, in the order of the study."""
        return [self.sources[source] for source in dict.fromkeys(self.read["source"])]

    @property
    def one_talk(self) -> bool:
        return len(self.finished) == 1 and self.finished[0].kind != "survey"

    @property
    def no_course(self) -> str:
        """Why there are no tenths."""
        found = self.finished
        if len(found) == 1:
            return "Saturation cannot be computed by tenth: answers to a survey do not follow one another like a talk."
        what = f"coders finished {counted_words(len(found), 'source')}"
        return f"Saturation cannot be computed by tenth: tenths are for one talk, and {what}."


def noun(scope: str, material: Material) -> tuple[str, str]:
    """What the units are called: one, and several."""
    kinds = {source.kind for source in material.finished}
    return KINDS.get(min(kinds), NOUNS[scope]) if scope == "source" and len(kinds) == 1 else NOUNS[scope]


def not_computable(scope: str, units: Units, material: Material) -> str:
    """Why saturation cannot be computed, as a sentence; '' if it can."""
    criterion = material.criterion
    what = f"Saturation cannot be computed by {scope}"
    one, several = noun(scope, material)
    if units.number < criterion.least:
        least = f"base {criterion.base} and run {criterion.run} need {criterion.least}"
        return f"{what}: what coders finished has {counted_words(units.number, one, several)}, and {least}."
    if not units.codes:
        return f"{what}: no coding counts in what coders finished."
    if scope == "tenth" and not (units.unit < criterion.base).any():
        return f"{what}: the first {criterion.base} tenths, which are the base, have no codes."
    return ""


def sentence(scope: str, units: Units, material: Material, given: Course | None, many: Course | None) -> Told:
    """What came out: in the random orders (`many`), and in the given one."""
    criterion = material.criterion
    what = f"Saturation (base {criterion.base}, run {criterion.run}, at most {criterion.threshold:g} % new)"
    several = f"{units.number:,} {noun(scope, material)[1]}"
    if many:
        text = f"{what} {_over_orders(many, several)}."
        if 2 * many.reaching >= len(many.new):
            text += _met(many, ", in the median of the orders that reached it")
        if given:
            text += f" In the order of the study it {_in_order(given)}.{_met(given)}"
    else:
        assert given is not None
        text = f"{what} {_in_order(given, several)} of the talk, in the order in which it went.{_met(given)}"
    note = " ".join(_notes(scope, units, material, given, many))
    return Told(units.number, len(many.new) if many else 0, text, note)


def _over_orders(many: Course, several: str) -> str:
    orders = len(many.new)
    tried = f"all {orders:,} orders" if many.new.shape[1] <= ENUMERATED else f"{orders:,} random orders"
    missed = percent(orders - many.reaching, orders)
    if not many.reaching:
        return f"was not reached in any of {tried} of the {several}"
    median, low, high = map(int, quantiles(many.points))
    run = many.criterion.run
    if median == many.never:
        earliest = int(many.points[0])
        missing = f"was not reached in {missed:g} % of {tried} of the {several}"
        return f"{missing}; in the others at {earliest} (+{run}) or later"
    band = f"90 % of orders between {low} and {high}" if low < high else f"90 % of orders at {low}"
    if high == many.never:
        band = f"in 5 % of the orders at {low} or earlier"
    band += f"; {missed:g} % did not reach it" if missed else ""
    return f"was reached at {median} (+{run}) of {several} in the median of {tried} ({band})"


def _in_order(given: Course, several: str = "") -> str:
    point = int(given.points[0])
    of = f" of {several}" if several else ""
    if point == given.never:
        return f"was not reached{' in the ' + several if several else ''}"
    return f"was reached at {point} (+{given.criterion.run}){of}"


def _met(course: Course, where: str = "") -> str:
    """How many codes had been met where saturation was reached: with few codes in the base it may be half of them."""
    if not course.reaching:
        return ""
    return f" By then {int(quantiles(course.met)[0]):,} of {course.codes:,} codes had been met{where}."


def _notes(scope: str, units: Units, material: Material, given: Course | None, many: Course | None) -> Iterator[str]:
    """What to bear in mind, most general last."""
    criterion = material.criterion
    _, several = noun(scope, material)
    if units.number < 2 * criterion.least:
        runs = counted_words(units.number - criterion.least + 1, "run")
        yield f"With {units.number} {several} there are few to go by: an order has {runs} to look at."
    yield from _unread(material)
    if scope == "source":
        yield from _dates(material.finished)
    if scope == "participant" and any(source.kind != "survey" for source in material.finished):
        yield TOGETHER
    if many and (empty := int((many.base_codes == 0).sum())):
        share = percent(empty, len(many.new))
        yield f"In {share:g} % of the orders the base had no codes: they count as orders that did not reach saturation."
    yield from _small_base(given, many)
    yield from _rising(given, many)
    yield CHANCE
    yield MEANING


def _unread(material: Material) -> Iterator[str]:
    """Sources that nobody finished, and those of which the end was not read."""
    words = said(material.utterances)
    read_in = set(material.read["source"])
    left_in = set(words.loc[~words["utterance"].isin(material.read["utterance"]), "source"])
    if never := len(left_in - read_in):
        yield f"{counted_words(never, 'source')} that no coder finished {_is(never)} left out."
    if partly := len(left_in & read_in):
        yield (
            f"Of {counted_words(partly, 'source')} only the part counts up to the last coding, or to where a `done` "
            "row says so: what comes later is taken for not read."
        )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _dates(sources: list[Source]) -> Iterator[str]:
    dates = [source.date for source in sources]
    if not all(dates):
        yield "Not all sources have a date in sources.csv, so that it is not known whether their order is that of time."
    elif dates != sorted(dates):
        yield "The order of the sources in sources.csv is not that of their dates."


def _small_base(given: Course | None, many: Course | None) -> Iterator[str]:
    course = many or given
    assert course is not None
    codes, threshold = int(quantiles(course.base_codes)[0]), course.criterion.threshold
    if 0 < codes * threshold < 100:
        yield (
            f"With {counted_words(codes, 'code')} in the base, {threshold:g} % is less than one code: saturation is "
            "reached as soon as one run happens to bring none. Compare a larger `base` in study.yaml."
        )


def _rising(given: Course | None, many: Course | None) -> Iterator[str]:
    where = []
    if many and many.rising:
        where.append(f"in {percent(many.rising, many.reaching):g} % of the orders that reached it")
    if given and given.rising:
        where.append("in the given order")
    if where:
        yield f"After saturation was reached, a later run was above the threshold {enumeration(where)}."
