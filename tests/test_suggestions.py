"""The step `suggestions`, from codings to tables."""

from __future__ import annotations

import re

import pytest
from conftest import StudyFolder
from suggesting import (
    CODES,
    SAYING,
    WHEN,
    Words,
    all_of,
    canonical,
    coding,
    done,
    lay,
    of,
    run,
    sentence,
    spoken,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _words(monkeypatch):
    for module in ("embeddings", "suggestions.memory"):
        monkeypatch.setattr(f"qualcode.{module}.load_embedder", lambda _: Words())


CODED = ("one", "two", "four")


def finished(*codes: str) -> list[dict[str, str]]:
    """Every coding in the interviews that are coded, of these codes or of all, and that this is done."""
    every = codes or ("support", "training", "clarity")
    return [row for source in CODED for row in (*all_of(source, codes=every), done(source))]


@pytest.fixture
def three(study: StudyFolder) -> StudyFolder:
    """Interviews of which the third is not coded, and anna said of the others that she is done."""
    lay(study, {name: spoken(name) for name in ("one", "two", "three", "four")})
    study.codings("anna", finished())
    return study


def in_order(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def quality(study: StudyFolder) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in study.rows("suggestion_quality")}


def decided(row: dict[str, str], action: str) -> dict[str, str]:
    """A row of a review sheet about a suggestion."""
    return {key: row[key] for key in ("coding", "source", "code", "quote", "start", "end", "basis")} | {
        "action": action
    }


def test_what_is_suggested_in_the_interview_that_nobody_finished(three):
    rows = run(three)
    open_rows = of(rows, source="three")
    assert {row["status"] for row in open_rows} == {"proposed", "uncertain"}
    assert {row["status"] for row in rows if row["source"] != "three"} <= {"second look"}
    proposed = of(open_rows, status="proposed")
    assert len(proposed) >= 16
    assert all(row["quote"] == sentence(row["code"], number_of(row), "three") for row in proposed), "all are right"
    codings = {row["coding"]: row for row in three.rows("open_codes")}
    text = canonical(three, "three")
    utterances = {row["utterance"]: row for row in three.rows("utterances")}
    kinds = {"help": {"support", "training"}}
    for row in open_rows:
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]
        said = utterances[row["utterance"]]
        assert int(said["start"]) <= int(row["start"]) < int(row["end"]) <= int(said["end"])
        assert said["role"] == "participant" and said["participant"] == row["participant"]
        assert row["basis"] == "learned" and 0 <= float(row["probability"]) <= 1
        because = row["because"].split("; ")
        assert 1 <= len(because) <= 2
        for coding_id in because:
            named = codings[coding_id]
            assert named["counts"] == "true" and named["coder"] == "anna"
            assert named["code"] in kinds.get(row["code"], {row["code"]})
            assert f"because anna coded “{named['quote']}”" in row["reason"]
        threshold = float(quality(three)[row["code"]]["threshold"])
        assert (float(row["probability"]) >= threshold) == (row["status"] == "proposed")
    ids = [row["coding"] for row in rows]
    assert len(set(ids)) == len(ids) and all(len(key) == 12 for key in ids)
    places = [(row["source"], int(row["start"])) for row in rows]
    assert places == sorted(places, key=lambda place: (("one", "two", "three", "four").index(place[0]), place[1]))


def number_of(row: dict[str, str]) -> int:
    return int(re.search(r"\d+", row["quote"])[0])


def test_too_few_codings_are_not_learned_from_and_that_is_said(three):
    few = [coding("clarity", 0, "one"), coding("clarity", 1, "two")]
    three.codings("anna", [*finished("support", "training"), *few])
    rows = run(three)
    assert {row["basis"] for row in rows if row["code"] == "support"} == {"learned"}
    near = of(rows, code="clarity")
    assert 1 <= len(near) <= 5 and {row["source"] for row in near} == {"three"}
    assert {(row["basis"], row["probability"], row["status"]) for row in near} == {("nearest", "", "proposed")}
    assert all(float(row["likeness"]) >= 0.4 and row["reason"] for row in near)
    assert near[0]["quote"].startswith("Nobody said what the school expected")
    told = quality(three)["clarity"]
    assert (told["basis"], told["codings"], told["kappa"]) == ("nearest", "2", "")
    assert "2 codings, 10 are needed" in told["note"] and "nearest to its definition and examples" in told["note"]


@pytest.mark.parametrize("precision", ["0.0", "1.0"])
def test_a_code_abstains_below_the_precision_that_the_study_asks(three, precision, capsys):
    lay_settings(three, f"suggestions: {{precision: {precision}}}")
    rows = run(three)
    abstains = {row["abstains"] for code, row in quality(three).items() if code in ("support", "training", "clarity")}
    if precision == "0.0":
        assert of(rows, status="proposed") and "true" not in abstains
        return
    assert abstains == {"true"} and not of(rows, status="proposed") and not of(rows, status="second look")
    assert of(rows, status="uncertain"), "what teaches is still asked"
    assert "of them abstain: too little" in capsys.readouterr().err
    assert "the study asks for a precision of 1.00" in quality(three)["support"]["note"]


def lay_settings(study: StudyFolder, *lines: str) -> None:
    study.write("study.yaml", "\n".join(["title: T", "codebook: codebook.yaml", "language: blank:en", *lines]) + "\n")


def test_a_second_look_at_what_is_finished_and_lacks_the_code(three):
    three.codings("anna", [row for row in finished() if row != coding("support", 3, "one")])
    second = of(run(three), status="second look")
    assert sentence("support", 3, "one") in {row["quote"] for row in second if row["code"] == "support"}
    assert {row["source"] for row in second} <= set(CODED)
    coded = {(row["quote"], row["code"]) for row in three.rows("open_codes")}
    assert not coded & {(row["quote"], row["code"]) for row in second}
    for row in second:
        assert row["because"] and row["coding"] not in row["because"]
    # Turned down, it does not come back.
    again = next(row for row in second if row["quote"] == sentence("support", 3, "one"))
    three.codings("anna", [decided(again, "reject")], "sheet.csv")
    assert again["coding"] not in {row["coding"] for row in run(three, "open_codes", "suggestions")}


def test_what_has_a_code_or_one_below_it_is_not_suggested_again(three):
    three.write("codebook.yaml", UNDER)
    three.codings(
        "anna",
        [
            *finished(),
            *(coding(code, number, "three") for code in ("support", "training") for number in (0, 1)),
            done("three", sentence("support", 0, "three")),
        ],
    )
    rows = run(three)
    has = {row["quote"] for row in three.rows("open_codes") if row["source"] == "three"}
    assert len(has) == 4
    assert not [row for row in rows if row["quote"] in has and row["code"] in ("help", "all-of-it")]
    given = {(row["quote"], row["code"]) for row in three.rows("open_codes")}
    assert not given & {(row["quote"], row["code"]) for row in rows}
    above = {"support": "help", "training": "help"}
    told = {(row["quote"], row["code"]) for row in rows}
    assert of(rows, code="support", status="proposed")
    assert not [item for item in told if item[1] in above and (item[0], above[item[1]]) in told]


UNDER = """codebook: Mentors
codes:
  - code: all-of-it
    name: All of it
    codes:
      - code: help
        name: Help
        definition: What helps.
        codes:
          - {code: support, name: Support, definition: A mentor stood by me.}
          - {code: training, name: Training, definition: A course taught me.}
      - {code: clarity, name: Clarity, definition: Knowing what the school expects.}
"""


def test_the_code_above_all_is_not_learned_and_others_above_are(three):
    """Of several codes at the top, all are."""
    run(three)
    assert quality(three)["help"]["basis"] == "learned"
    three.write("codebook.yaml", UNDER)
    rows = run(three, "open_codes", "suggestions")
    found = quality(three)
    assert {code: row["basis"] for code, row in found.items() if code != "all"} == {
        "all-of-it": "nearest", "help": "learned", "support": "learned", "training": "learned", "clarity": "learned",
    }  # fmt: skip
    assert not of(rows, code="all-of-it")
    assert "is offered" not in found["all-of-it"]["note"], "nothing is: not even what is nearest"


def test_a_code_above_is_suggested_where_it_is_not_clear_which_one_below(three):
    """What is only asked of a code below, because it teaches, takes nothing from a suggestion of one above."""
    three.write("codebook.yaml", UNDER)
    vague = "Something helped me with lessons, my mentor or the course, on {}."
    for source in (*CODED, "three"):
        more = "".join(f"Ana: {vague.format(WHEN[n])}\n\n" for n in range(8))
        three.write(f"transcripts/{source}.txt", spoken(source) + "\n" + more)
    helped = [{"source": source, "code": "help", "quote": vague.format(when)} for source in CODED for when in WHEN]
    three.codings("anna", [*finished(), *helped])
    rows = run(three)
    quoted = {vague.format(when) for when in WHEN}
    assert {row["quote"] for row in of(rows, code="help", status="proposed", source="three")} >= quoted
    assert not [row for row in rows if row["quote"] in quoted and row["status"] == "proposed" and row["code"] != "help"]


def test_decisions_on_suggestions(three):
    before = of(run(three), source="three", status="proposed")
    no, yes = of(before, code="support")[:2]
    three.codings("anna", [decided(no, "reject"), decided(yes, "accept")], "sheet.csv")
    after = run(three, "open_codes", "suggestions")
    assert three.rows("unplaced") == []
    told = {(row["quote"], row["code"]) for row in after}
    assert (no["quote"], "support") not in told and (yes["quote"], "support") not in told
    assert not {no["coding"], yes["coding"]} & {row["coding"] for row in after}
    kept = {row["coding"] for row in before} - {no["coding"], yes["coding"]}
    assert kept <= {row["coding"] for row in after}, "the others keep their ids"
    # An accepted one is one more coding, in one more source.
    support = quality(three)["support"]
    assert (support["codings"], support["sources"], support["units"]) == ("19", "4", "72")
    assert coded_as(three, yes)["evidence"] == "accepted suggestion (exact)"
    # A rejected one is learned from.
    then = {(row["quote"], row["code"]): float(row["probability"]) for row in before}
    now = {(row["quote"], row["code"]): float(row["probability"]) for row in after if row["source"] == "three"}
    same = [key for key in then if key in now and key[1] == "support"]
    assert same and any(then[key] != now[key] for key in same)


def coded_as(study: StudyFolder, row: dict[str, str]) -> dict[str, str]:
    (found,) = [
        item for item in of(study.rows("open_codes"), code=row["code"], basis="human") if item["quote"] == row["quote"]
    ]
    return found


def test_turning_one_down_after_another_lowers_the_rest(three):
    before = of(run(three), source="three", code="support", status="proposed")
    three.codings("anna", [decided(row, "reject") for row in before[:5]], "sheet.csv")
    after = {row["quote"]: row for row in run(three, "open_codes", "suggestions") if row["code"] == "support"}
    last = before[5]
    now = after.get(last["quote"])
    assert now is None or float(now["probability"]) < float(last["probability"])
    assert not {row["quote"] for row in before[:5]} & set(after)


def test_words_that_are_said_again_are_suggested_each_by_itself(three):
    """A decision on the first leaves the second as it is, and its id is not taken for the first one's."""
    said, talk = sentence("support", 5, "three"), spoken("three")
    asked_again = "\n\n".join(talk.split("\n\n")[-2:])
    three.write("transcripts/three.txt", "\n\n".join([talk, asked_again, asked_again]))
    rows = of(run(three), quote=said, code="support", status="proposed")
    assert len(rows) == 3 and len({row["coding"] for row in rows}) == 3
    three.codings("anna", [decided(rows[0], "reject")], "sheet.csv")
    assert rejected(three) == [(rows[0]["start"], rows[0]["end"])]
    after = of(run(three, "open_codes", "suggestions"), quote=said, code="support")
    assert in_order(after, "coding", "start") == in_order(rows[1:], "coding", "start")


def rejected(study: StudyFolder) -> list[tuple[str, str]]:
    assert study.run("open_codes") == 0
    return [(row["start"], row["end"]) for row in study.rows("decisions") if row["action"] == "reject"]


def test_a_withdrawn_coding_teaches_that_the_code_is_not_there(three):
    run(three, "utterances", "parses", "embeddings", "open_codes")
    (taken,) = [row for row in three.rows("open_codes") if row["quote"] == sentence("support", 2, "one")]
    back = {"coding": taken["coding"], "action": "withdraw", "source": "", "code": "", "quote": ""}
    three.codings("anna", [back], "later.csv")
    rows = run(three, "open_codes", "suggestions")
    assert (quality(three)["support"]["codings"], quality(three)["support"]["coded"]) == ("17", "17")
    assert taken["coding"] not in {key for row in rows for key in row["because"].split("; ")}
    assert not of(rows, quote=taken["quote"], code="support"), "who took it back is not asked for a second look"


@pytest.mark.parametrize("said", [False, True])
def test_who_is_half_way_judged_only_what_stands_before(three, said):
    """The fourth of six turns is the last that was coded; with a row that says so, the fifth was read too."""
    half = all_of("two", 4)
    row = done("two", sentence("training", 4, "two"))
    three.codings("anna", [*all_of("one"), *half, *all_of("four"), done("one"), done("four"), *([row] if said else [])])
    rows = of(run(three), source="two")
    text = canonical(three, "two")
    ends = {
        text.index(words) + len(words): number
        for number in range(6)
        for code in ("support", "training", "clarity", "")
        if (words := sentence(code, number, "two")) and number < 4 + said and (said or code)
    }
    to = max(ends)
    asked = [row for row in rows if row["status"] != "second look"]
    assert asked and all(int(row["start"]) >= to for row in asked)
    assert all(int(row["end"]) <= to for row in of(rows, status="second look"))
    assert quality(three)["support"]["units"] == str(
        48 + sum(text.index(sentence(code, n, "two")) < to for n in range(6) for code in SAYING)
    )


def test_several_coders_the_one_whose_word_counts_teaches(three):
    lay_settings(three, "authority: anna")
    wrong = [row | {"code": "clarity"} for row in finished("support") if "code" in row]
    three.codings("ben", [*wrong, *(done(source) for source in CODED)])
    with_ben = run(three)
    assert all("because ben" not in row["reason"] for row in with_ben)
    assert "ben" in quality(three)["support"]["people"] and quality(three)["support"]["people_kappa"]
    (three.path / "codings" / "ben" / "coding.csv").unlink()
    without = run(three, "open_codes", "suggestions")
    assert with_ben == without


@pytest.mark.parametrize(("authority", "codings"), [("any", "16"), ("all", "8"), ("consensus", "12")])
def test_several_coders_by_whose_word_counts(three, authority, codings):
    """Of twelve sentences anna gave ten support and ben ten, eight of them the same; the meeting gave twelve."""
    lay_settings(
        three, "authority: any" if authority == "consensus" else f"authority: {authority}", "suggestions: {codings: 4}"
    )
    every = all_of("one", 6, ("support",)) + all_of("two", 6, ("support",))
    ends = [done("one"), done("two")]
    three.codings("anna", [*every[:10], *ends])
    three.codings("ben", [*every[2:8], *ends])
    if authority == "consensus":
        three.codings("consensus", [*every, *ends])
    rows = run(three)
    support = quality(three)["support"]
    both = {"any": ("16", "10"), "all": ("12", "6"), "consensus": ("12", "12")}[authority]
    assert (support["codings"], support["coded"]) == both
    assert support["people"] == "anna; ben"
    named = {"any": ("anna", "ben"), "all": ("anna", "ben"), "consensus": ("consensus",)}[authority]
    for row in of(rows, code="support", source="three"):
        assert any(f"because {name} coded" in row["reason"] for name in named)


def test_words_that_the_study_applies_teach_nothing(three):
    three.write("codebook.yaml", CODES.replace("stood by me.}", 'stood by me., words: ["mentor"]}'))
    lay_settings(three, "rules: apply")
    three.codings("anna", finished("training"))
    run(three)
    counted = [row for row in three.rows("open_codes") if row["basis"] == "rule" and row["counts"] == "true"]
    assert len(counted) == 24
    found = quality(three)
    assert (found["support"]["codings"], found["support"]["basis"], found["support"]["coded"]) == ("0", "nearest", "0")
    assert found["training"]["codings"] == "18"
    # Nor do they teach that the code is not there, of it or of the code above.
    assert (found["support"]["units"], found["help"]["units"], found["training"]["units"]) == ("54", "54", "72")


def test_a_copy_of_a_transcript_is_left_out_with_it(three, monkeypatch):
    """Else what is held out would be learned from under its other name."""
    seen = []
    import qualcode.suggestions as step

    kept = step.gather
    monkeypatch.setattr(step, "gather", lambda *given: seen.append(kept(*given)) or seen[-1])
    mended = spoken("one").replace("old building near the river in one 3", "new building near the lake in one 3")
    three.write("transcripts/one-mended.txt", mended + "\nAna: We had lunch there quite often.\n")
    sources = (three.path / "sources.csv").read_text("utf-8")
    three.write("sources.csv", sources + "one-mended,one-mended.txt,interview\n")
    again = [row | {"source": "one-mended"} for row in (*all_of("one"), done("one"))]
    three.codings("anna", [*finished(), *again])
    run(three)
    groups = {item.source: int(at) for item, at in zip(seen[0].sentences, seen[0].held_out, strict=True)}
    assert groups["one-mended"] == groups["one"] and len(set(groups.values())) == 4


def test_words_that_the_study_applies_are_no_second_look(three):
    """They count as they are: that anna coded only some of them by hand turns the others not down."""
    three.write("codebook.yaml", CODES.replace("stood by me.}", 'stood by me., words: ["mentor"]}'))
    lay_settings(three, "rules: apply")
    by_hand = [row for source in CODED for row in all_of(source, 4, ("support",))]
    three.codings("anna", [*finished("training", "clarity"), *by_hand])
    rows = run(three)
    assert quality(three)["support"]["basis"] == "learned"
    assert not of(rows, code="support", status="second look") and not of(rows, code="help", status="second look")


def test_what_one_accepts_and_another_rejects_is_undecided(three):
    three.write("codebook.yaml", CODES.replace("stood by me.}", 'stood by me., words: ["mentor"]}'))
    lay_settings(three, "authority: any")
    run(three, "utterances", "parses", "embeddings", "open_codes")
    met = [row for row in three.rows("open_codes") if (row["basis"], row["source"]) == ("rule", "three")][:2]
    three.codings("anna", [*finished(), {"coding": met[0]["coding"], "action": "accept"}])
    three.codings("ben", [{"coding": row["coding"], "action": "reject"} for row in met])
    rows = run(three, "open_codes", "suggestions")
    quotes = {row["quote"] for row in of(rows, code="support", source="three")}
    assert met[0]["quote"] in quotes and met[1]["quote"] not in quotes
    assert quality(three)["support"]["units"] == "72"


def test_another_code_for_a_suggestion_does_not_tell_how_far_a_coder_read(three):
    """Who coded the first turn by hand and decides on a suggestion of the last has not finished what is between."""
    three.codings("anna", [*finished(), *all_of("three", 1)])
    before = of(run(three), source="three", status="proposed")
    last = before[-1]
    other = "clarity" if last["code"] != "clarity" else "support"
    cells = [last[key] for key in ("quote", "code", "basis", "coding", "source", "start", "end")]
    head = "speaker,context,decision,quote,code,basis,coding,source,start,end"
    three.write("codings/anna/sheet.csv", f"{head}\n{','.join(['', '', other, *cells])}\n")
    after = of(run(three, "open_codes", "suggestions"), source="three", status="proposed")
    assert three.rows("unplaced") == []
    assert {row["coding"] for row in before[1:-1]} <= {row["coding"] for row in after}


def test_a_proposal_of_words_teaches_when_someone_accepts_it(three):
    three.write("codebook.yaml", CODES.replace("stood by me.}", 'stood by me., words: ["mentor"]}'))
    run(three, "utterances", "parses", "embeddings", "open_codes")
    met = [row for row in three.rows("open_codes") if row["basis"] == "rule" and row["source"] != "three"]
    rows = [{"coding": row["coding"], "action": "accept", "source": "", "code": "", "quote": ""} for row in met]
    three.codings("anna", [*rows, *finished("training")])
    rows = run(three, "open_codes", "suggestions")
    assert (quality(three)["support"]["codings"], quality(three)["support"]["coded"]) == ("18", "18")
    assert "because anna coded" in of(rows, code="support", source="three")[0]["reason"]


@pytest.mark.parametrize(("authority", "codings"), [("anna", "0"), ("any", "18")])
def test_applied_words_teach_when_someone_whose_word_counts_accepts_them(three, authority, codings):
    three.write("codebook.yaml", CODES.replace("stood by me.}", 'stood by me., words: ["mentor"]}'))
    lay_settings(three, "rules: apply", f"authority: {authority}")
    three.codings("anna", finished("training"))
    run(three, "utterances", "parses", "embeddings", "open_codes")
    met = [row for row in three.rows("open_codes") if row["basis"] == "rule" and row["source"] != "three"]
    three.codings("ben", [{"coding": row["coding"], "action": "accept"} for row in met])
    run(three, "open_codes", "suggestions")
    assert quality(three)["support"]["codings"] == codings


def test_moderators_and_listeners_are_never_asked_about(three):
    asks = "Interviewer: My mentor stood by me and encouraged me, too."
    three.write("transcripts/three.txt", spoken("three") + f"\n{asks}\n\nAna: Mm-hm.\n\n{asks}\n")
    rows = run(three)
    roles = {row["utterance"]: (row["role"], row["backchannel"]) for row in three.rows("utterances")}
    assert {roles[row["utterance"]] for row in rows} == {("participant", "false")}


def test_who_withdrew_is_neither_learned_from_nor_asked_about(three):
    with_ben = run(three)
    assert "p2" in {row["participant"] for row in with_ben}
    people = (three.path / "participants.csv").read_text("utf-8")
    head, *rest = people.splitlines()
    three.write(
        "participants.csv",
        "\n".join([f"{head},status", *(f"{row},{'withdrawn' if row.startswith('p2') else 'active'}" for row in rest)])
        + "\n",
    )
    lay_settings(three, "suggestions: {codings: 6}")
    rows = run(three)
    assert rows and {row["participant"] for row in rows} == {"p1"}
    assert not any("[withdrawn]" in row["quote"] + row["reason"] for row in rows)
    assert quality(three)["support"]["codings"] == "9"


def survey(study: StudyFolder, *names: str, people: int = 24) -> None:
    """Surveys of one question, which the same people answered."""
    lay(study, {})
    rows = "".join(f"{name},{name}.csv,survey\n" for name in names)
    study.write("sources.csv", f"source,file,kind\n{rows}")
    (study.path / "participants.csv").unlink()
    kinds = ("support", "training", "clarity", "")
    for name in names:
        answers = "".join(f"r{n:02},{sentence(kinds[n % 4], n, name)}\n" for n in range(people))
        study.write(f"transcripts/{name}.csv", f"participant,answer\n{answers}")
    done_of = dict.fromkeys(names, people // 2)
    study.codings(
        "anna",
        [
            *(coding(kinds[n % 4], n, name) for name in names for n in range(done_of[name]) if kinds[n % 4]),
            *(done(name, sentence(kinds[(done_of[name] - 1) % 4], done_of[name] - 1, name)) for name in names),
        ],
    )


def test_a_survey_is_judged_by_answers(study):
    survey(study, "form")
    lay_settings(study, "suggestions: {codings: 4}")
    # Three of each are coded so far.
    assert {row["basis"] for row in run(study) if row["code"] != "help"} == {"nearest"}
    survey(study, "form", people=80)
    rows = run(study)
    found = quality(study)
    assert found["support"]["held_out"] == "answer" and found["support"]["sources"] == "10"
    assert found["support"]["basis"] == "learned" and float(found["support"]["kappa"]) > 0.5
    assert of(rows, status="proposed", basis="learned")


def test_two_answers_of_one_person_are_never_on_both_sides(study, monkeypatch):
    """Also where they answered two surveys."""
    seen = []
    import qualcode.suggestions as step

    kept = step.gather
    monkeypatch.setattr(step, "gather", lambda *given: seen.append(kept(*given)) or seen[-1])
    survey(study, "before", "after", people=80)
    run(study)
    (gathered,) = seen
    groups: dict[str, set[int]] = {}
    for item, group in zip(gathered.sentences, gathered.held_out.tolist(), strict=True):
        groups.setdefault(item.participant, set()).add(group)
    assert len(groups) == 80 and {item.source for item in gathered.sentences} == {"before", "after"}
    assert all(len(found) == 1 for found in groups.values())
    assert len(set.union(*groups.values())) == 80
    assert gathered.what == "answer"


def test_one_interview_of_one_person_leaves_nothing_to_judge_by(study, capsys):
    text = spoken("one", 12).replace("Ben:", "Ana:")
    lay(study, {"one": text, "two": spoken("two")})
    study.codings("anna", [*all_of("one", 12), done("one")])
    rows = run(study)
    assert {row["basis"] for row in rows} == {"nearest"} and {row["source"] for row in rows} == {"two"}
    found = quality(study)
    assert "all" not in found and {row["held_out"] for row in found.values()} == {""}
    assert "12 codings in 1 source: too few apart from each other" in found["support"]["note"]
    assert "0 codes learned" in capsys.readouterr().err


def test_one_interview_of_two_people_is_judged_by_people(study):
    lay(study, {"one": spoken("one", 12), "two": spoken("two")})
    study.codings("anna", [*all_of("one", 12), done("one")])
    rows = run(study)
    assert quality(study)["support"]["held_out"] == "participant"
    assert of(rows, source="two", code="support", basis="learned", status="proposed")


def test_without_codings_there_is_what_definitions_are_near_to(study, capsys):
    lay(study, {"one": spoken("one"), "two": spoken("two")})
    rows = run(study)
    assert rows and {row["basis"] for row in rows} == {"nearest"}
    assert all(row["because"] == "" and row["reason"] == "like its definition" for row in rows)
    assert all(sum(row["code"] == code for row in rows) <= 5 for code in ("support", "training", "clarity"))
    assert {row["kappa"] for row in study.rows("suggestion_quality")} == {""}
    assert study.rows("suggestion_learning") == [] and study.rows("suggestion_quality_by") == []
    assert {row["units"] for row in study.rows("suggestion_calibration")} == {"0"}


def test_without_sentences_nothing_is_suggested(study):
    lay(study, {"one": "Interviewer: Hello?\n"})
    assert run(study) == []
    assert {row["units"] for row in study.rows("suggestion_quality")} == {"0"}


def test_of_one_sentence(study):
    lay(study, {"one": f"Ana: {sentence('support', 0, 'one')}\n"})
    study.codings("anna", [coding("support", 0, "one")])
    assert run(study) == []


def test_codes_that_were_renamed_or_split_are_learned_under_their_names_of_today(three):
    before = of(run(three), source="three", code="support", status="proposed")
    renamed = CODES.replace("{code: support, name", "{code: backing, formerly: [support], name")
    three.write("codebook.yaml", renamed)
    after = of(run(three, "open_codes", "suggestions"), source="three", code="backing", status="proposed")
    assert in_order(after, "coding", "quote", "probability") == in_order(before, "coding", "quote", "probability")
    # Codings of a code that was split wait until someone says which of the new ones they are.
    two = (
        "{code: backing, formerly: [support], name: Backing, definition: A mentor stood by me.}\n"
        "      - {code: cheering, formerly: [support], name: Cheering, definition: Someone encouraged me.}"
    )
    three.write(
        "codebook.yaml", CODES.replace("{code: support, name: Support, definition: A mentor stood by me.}", two)
    )
    rows = run(three, "open_codes", "suggestions")
    found = quality(three)
    assert (found["backing"]["codings"], found["cheering"]["codings"]) == ("0", "0")
    assert {row["basis"] for row in rows if row["code"] in ("backing", "cheering")} == {"nearest"}


def test_a_suggestion_that_was_turned_down_stays_so_when_its_code_is_renamed(three):
    first = of(run(three), source="three", code="support", status="proposed")[0]
    three.codings("anna", [decided(first, "reject")], "sheet.csv")
    three.write(
        "codebook.yaml",
        CODES.replace("{code: support, name: Support,", "{code: backing, formerly: [support], name: Backing,"),
    )
    rows = run(three, "open_codes", "suggestions")
    assert not of(rows, quote=first["quote"], code="backing") and of(rows, code="backing", status="proposed")


def test_a_language_without_a_model(three):
    lay_settings(three)
    three.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:de\n")
    assert of(run(three), source="three", status="proposed")


def test_two_interviews_are_enough_for_a_third(study):
    """Each is judged by what is learned from the other alone."""
    lay(study, {name: spoken(name) for name in ("one", "two", "three")})
    study.codings("anna", [*all_of("one"), *all_of("two"), done("one"), done("two")])
    rows = run(study)
    found = quality(study)
    for code in ("support", "training", "clarity"):
        assert float(found[code]["kappa"]) > 0.5
        proposed = {row["quote"] for row in of(rows, source="three", code=code, status="proposed")}
        assert proposed == {sentence(code, number, "three") for number in range(6)}
