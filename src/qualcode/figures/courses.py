"""Talk maps: which codes are spoken of in the course of a talk, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..codebook.colours import PALETTE
from ..console import counted_words, enumeration
from ..counting import said
from ..study import Source
from ..text import count_words
from .drawing import (
    GAP,
    GREY,
    INDENT,
    LABEL_WIDTH,
    LINE,
    RULE,
    SIZE,
    SMALL,
    Drawn,
    Row,
    canvas,
    explained,
    head,
    labels,
    placed,
    plain,
    put,
    shortened,
    width,
)  # fmt: skip
from .hierarchy import MOST_CODES, NOTHING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ..tables import Release

TALK = ("focus_group", "interview")
# Those of whom each has a colour and a shape; the last of them stands for all others where there are more.
MARKS = ("o", "s", "^", "D", "v", "P", "X", "<")
COLOURS = PALETTE
OTHERS, UNKNOWN, LEADING = "others", "speaker not known", "moderators"
WIDE, LANE, MARK, ID_WIDTH = 560.0, 13.0, 4.5, 90.0


@dataclass(frozen=True)
class _Course:
    """Where each utterance of a talk begins and ends, in the unit that `axis` names."""

    starts: list[float]
    ends: list[float]
    axis: str
    length: str

    @property
    def span(self) -> tuple[float, float]:
        first, last = min(self.starts), max(self.ends)
        return first, last if last > first else first + 1.0


@dataclass(frozen=True)
class _Speaker:
    """Who speaks: what they are called, the marks' shape ('' for moderators) and colour, and whose words these are."""

    name: str
    mark: str
    colour: str
    keys: frozenset[str]


def talk_maps(
    rows: pd.DataFrame,
    utterances: pd.DataFrame,
    participants: pd.DataFrame,
    codebook: Codebook,
    sources: Iterable[Source],
    study: str,
    release: Release = "shareable",
    mark: str = "",
) -> dict[str, Drawn]:
    """A map of each focus group and interview: its codes down the side, its course from left to right.

    A mark stands in the middle of each utterance with a counted coding of the code. `rows` are those of
    `counting.counted`; `utterances` and `participants` the tables of these names. The course is in minutes where every
    turn has a time code, and they go forward; else in words said so far. `mark` says what a mark at a code's name
    means.
    """
    people = dict(zip(participants["participant"], participants["pseudonym"], strict=True))
    by_source = dict(tuple(utterances.groupby("source", sort=False)))
    coded = dict(tuple(said(rows).groupby("source", sort=False)))
    found = {}
    for source in sources:
        if source.kind in TALK:
            here = by_source.get(source.source, utterances.iloc[:0])
            here = here[here["role"] != "heading"].reset_index(drop=True)
            inside = coded.get(source.source, rows.iloc[:0])
            found[source.source] = _talk_map(inside, here, people, codebook, source.source, study, release, mark)
    return found


def _talk_map(
    rows: pd.DataFrame, talk: pd.DataFrame, people: dict[str, str], codebook: Codebook, source: str, study: str,
    release: Release, mark: str,
) -> Drawn:  # fmt: skip
    title = f"What is spoken of when, and by whom: {source}"
    if rows.empty:
        message = f"{NOTHING} in what participants say in {source}."
        return Drawn(title, message, plain(title, [study], message), release)
    marks, fewer = _marks(rows, codebook)
    course = course_of(talk)
    speakers = _speakers(talk, people)
    lines = _rows(codebook, set(marks["code"]))
    where = placed([row for _, row in lines])
    whole = where.height + GAP + LANE * len(speakers)
    figure, axes = canvas(WIDE, whole)
    axes.set_xlim(*course.span)
    axes.set_ylim(0, whole)
    middles = {code: middle for (code, _), middle in zip(lines, where.middles, strict=True)}
    left = min(labels(axes, [row for _, row in lines], where), -_lane_names(speakers))
    _strip(axes, talk, course, speakers, where.height + GAP, left)
    rise = _questions(axes, talk, course)
    _points(axes, marks, talk, course, speakers, middles)
    _foot(axes, course)
    further = any(speaker.mark and len(speaker.keys) > 1 for speaker in speakers)
    disagreed = explained(mark, (row.label for _, row in lines))
    notes = [
        study,
        "A mark: an utterance with a counted coding of the code, by shape and colour of who says it; at the right, how "
        "many. Above: who speaks when.",
        "Dotted: from here on the guide's question." if rise else "",
        f"The {len(MARKS) - 1} who say most have a mark of their own." if further else "",
        disagreed,
        fewer,
    ]
    head(axes, title, notes, left, WIDE - left, rise + GAP)
    return Drawn(title, _alt(source, marks, course, speakers, talk, codebook, disagreed, fewer), figure, release)


def _marks(rows: pd.DataFrame, codebook: Codebook) -> tuple[pd.DataFrame, str]:
    """Each code and utterance once, and a sentence where codes are so many that the deepest levels are gathered.

    The marks stand on the codes that were given; where these are more than MOST_CODES, on those above them.
    """
    deepest = max((code.level for code in codebook.codes), default=1)
    own, told = rows[rows["own"]], ""
    for level in range(deepest, 0, -1):
        own = rows[(rows["own"] & (rows["level"] <= level)) | (rows["level"] == level)]
        told = f"Down to level {level} of {deepest}, with what is below." if level < deepest else ""
        if own["code"].nunique() <= MOST_CODES:
            break
    else:
        most = own.groupby("code")["utterance"].nunique().sort_values(ascending=False, kind="stable")
        told = f"The {MOST_CODES} codes with most utterances, of {len(most)}."
        own = own[own["code"].isin(most.index[:MOST_CODES])]
    return own[["code", "utterance"]].drop_duplicates(), told


def course_of(talk: pd.DataFrame) -> _Course:
    """The course of a talk, whose rows are those of `utterances`: in minutes, else in words said so far."""
    times = [minutes(code) for code in talk["time_start"]]
    starts = [time for time in times if time is not None]
    if len(starts) == len(times) and starts == sorted(starts) and starts[-1] > starts[0]:
        # Who does not say when they stop speaks until the next begins.
        stops = [minutes(code) for code in talk["time_end"]]
        following = [*starts[1:], starts[-1]]
        ends = [max(start, next_ if stop is None else stop)
                for start, stop, next_ in zip(starts, stops, following, strict=True)]  # fmt: skip
        length = counted_words(round(max(ends) - starts[0]), "minute")
        return _Course(starts, ends, "Minutes, by the transcript's time codes", length)
    lengths = [count_words(text) for text in talk["text"]]
    ends = [float(sum(lengths[: number + 1])) for number in range(len(lengths))]
    return _Course([0.0, *ends[:-1]], ends, "Words said so far", counted_words(sum(lengths), "word"))


def minutes(code: str) -> float | None:
    """A time code of `utterances` in minutes; None where there is none.

    >>> minutes("01:02:30"), minutes("00:00:01.500"), minutes("")
    (62.5, 0.025, None)
    """
    parts = code.split(":")
    if len(parts) != 3:
        return None
    hours, past, seconds = map(float, parts)
    return hours * 60 + past + seconds / 60


def _speakers(talk: pd.DataFrame, people: dict[str, str]) -> list[_Speaker]:
    """Who speaks, by how much they say; moderators, who have no marks, last."""
    words = talk.assign(words=[count_words(text) for text in talk["text"]])
    heard = words[words["role"].isin(("participant", ""))].groupby("participant", sort=False)["words"].sum()
    ranked = list(heard.sort_values(ascending=False, kind="stable").index)
    single = ranked if len(ranked) <= len(MARKS) else ranked[: len(MARKS) - 1]
    found = [
        _Speaker(_cut(people.get(key, key) or UNKNOWN), mark, colour, frozenset([key]))
        for key, mark, colour in zip(single, MARKS, COLOURS, strict=False)
    ]
    if rest := ranked[len(single) :]:
        found.append(_Speaker(f"{len(rest)} {OTHERS}", MARKS[-1], COLOURS[-1], frozenset(rest)))
    leading = list(dict.fromkeys(talk.loc[talk["role"] == "moderator", "participant"]))
    if leading:
        name = _cut(people.get(leading[0], leading[0])) if len(leading) == 1 else LEADING
        found.append(_Speaker(name, "", "#aaaaaa", frozenset(leading)))
    return found


def _cut(name: str) -> str:
    return shortened(name, LABEL_WIDTH - INDENT, SIZE)[0]


def _rows(codebook: Codebook, codes: set[str]) -> list[tuple[str, Row]]:
    """A row for each code with marks, in the codebook's order below the codes that it stands under."""
    wanted = {key for code in codebook.codes if code.code in codes for key in code.path}
    return [(code.code, Row(code.name, code.level - 1)) for code in codebook.codes if code.code in wanted]


def _lane_names(speakers: Sequence[_Speaker]) -> float:
    return INDENT + GAP + max(width(speaker.name, SIZE) for speaker in speakers)


def _strip(
    axes: Axes, talk: pd.DataFrame, course: _Course, speakers: Sequence[_Speaker], low: float, left: float
) -> None:
    """Who speaks when, a lane for each, which is the key to the marks as well."""
    names = list(talk["participant"])
    for number, speaker in enumerate(reversed(speakers)):
        bottom = low + number * LANE
        turns = [
            (start, end - start)
            for name, role, start, end in zip(names, talk["role"], course.starts, course.ends, strict=True)
            if name in speaker.keys and role != "withdrawn"
        ]
        axes.broken_barh(turns, (bottom + 2, LANE - 4), facecolors=speaker.colour, linewidth=0.3,
                         edgecolor=speaker.colour)  # fmt: skip
        middle = bottom + LANE / 2
        put(axes, speaker.name, (0, middle), (left + INDENT, 0), xycoords=("axes fraction", "data"),
            va="center_baseline")  # fmt: skip
        if speaker.mark:
            axes.plot([(left + INDENT / 2 - 1) / WIDE], [middle], speaker.mark, color=speaker.colour, clip_on=False,
                      markersize=MARK + 1, markeredgewidth=0, transform=axes.get_yaxis_transform())  # fmt: skip


def _questions(axes: Axes, talk: pd.DataFrame, course: _Course) -> float:
    """A line where a question of the guide begins, with its id above. Returns how far these rise (points)."""
    first, last = course.span
    ends: list[float] = []
    before = ""
    for question, start in zip(talk["question"], course.starts, strict=True):
        if question in ("", before):
            continue
        before = question
        axes.axvline(start, color=GREY, linewidth=0.8, linestyle=":", zorder=0.5)
        at = (start - first) / (last - first) * WIDE
        name = shortened(question, ID_WIDTH, SMALL)[0]
        # In the lowest line in which it does not run into the one before.
        line = next((number for number, end in enumerate(ends) if end + GAP <= at), len(ends))
        ends[line : line + 1] = [at + width(name, SMALL)]
        put(axes, name, (start, 1), (0, 2 + line * SMALL * LINE), xycoords=("data", "axes fraction"), fontsize=SMALL,
            color=GREY)  # fmt: skip
    return len(ends) * SMALL * LINE


def _points(
    axes: Axes, marks: pd.DataFrame, talk: pd.DataFrame, course: _Course, speakers: Sequence[_Speaker],
    middles: dict[str, float],
) -> None:  # fmt: skip
    place = {name: number for number, name in enumerate(talk["utterance"])}
    who = dict(zip(talk["utterance"], talk["participant"], strict=True))
    counts = marks["code"].value_counts()
    for code, middle in middles.items():
        if code in counts.index:
            axes.axhline(middle, color=RULE, linewidth=0.6, zorder=0.4)
            put(axes, str(counts[code]), (1, middle), (6, 0), xycoords=("axes fraction", "data"), fontsize=SMALL,
                va="center_baseline", color=GREY)  # fmt: skip
    for speaker in speakers:
        theirs = [
            ((course.starts[place[name]] + course.ends[place[name]]) / 2, middles[code])
            for code, name in zip(marks["code"], marks["utterance"], strict=True)
            if speaker.mark and who[name] in speaker.keys
        ]
        if theirs:
            # A white rim tells marks apart that lie over each other.
            axes.plot(*zip(*theirs, strict=True), speaker.mark, color=speaker.colour, markersize=MARK + 1,
                      markeredgecolor="white", markeredgewidth=0.4, linestyle="none", clip_on=False)  # fmt: skip


def _foot(axes: Axes, course: _Course) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.tick_params(labelsize=SMALL)
    axes.set_xlabel(course.axis)
    axes.spines["left"].set_visible(False)


def _alt(
    source: str, marks: pd.DataFrame, course: _Course, speakers: Sequence[_Speaker], talk: pd.DataFrame,
    codebook: Codebook, *notes: str,
) -> str:  # fmt: skip
    counts = marks["code"].value_counts(sort=False)
    ranked = sorted(counts.index, key=lambda code: (-counts[code], codebook.order[code]))[:3]
    names = [f"“{codebook.by_id[code].name}” ({counted_words(int(counts[code]), 'utterance')})" for code in ranked]
    who = marks["utterance"].map(dict(zip(talk["utterance"], talk["participant"], strict=True)))
    told = [(marks.loc[who.isin(speaker.keys), "code"].nunique(), speaker) for speaker in speakers if speaker.mark]
    wide = [f"{speaker.name} ({codes})" for codes, speaker in sorted(told, key=lambda item: -item[0])]
    lines = [
        f"The course of {source}, {course.length}: {counted_words(len(counts), 'code')} in "
        f"{counted_words(marks['utterance'].nunique(), 'utterance')}.",
        f"Most often: {enumeration(names)}.",
        f"Codes of which each speaks: {enumeration(wide)}.",
        *notes,
    ]
    return " ".join(line for line in lines if line)
