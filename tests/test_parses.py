from pathlib import Path

import pytest
from spacy.language import Language

from qualcode.language import read_parses, vocabulary

CACHE = Path(".cache/qualcode/talks/parses")


@pytest.fixture
def quick(study):
    """The study in a language without a model: what is stored is the same kind of file, made at once."""
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert study.run("utterances", "parses") == 0
    return study


@pytest.fixture
def parsed(monkeypatch):
    """The texts that are parsed from now on."""
    texts = []
    pipe = Language.pipe

    def noted(self, batch, *args, **kwargs):
        batch = list(batch)
        texts.extend(batch)
        return pipe(self, batch, *args, **kwargs)

    monkeypatch.setattr(Language, "pipe", noted)
    return texts


def stored(study) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (study.results / "parses").iterdir()}


def two_sources(study) -> None:
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nlater,later.txt,interview\n")
    study.write("transcripts/later.txt", "Ana: My mentor left.\n")


def test_every_utterance_is_parsed_in_its_order(study):
    assert study.run("utterances", "parses") == 0
    docs = read_parses(study.results / "parses" / "talk.spacy", vocabulary("en_core_web_sm"))
    assert [doc.text for doc in docs] == [row["text"] for row in study.rows("utterances")]
    tokens = {token.text: (token.lemma_, token.pos_) for token in docs[1]}
    assert tokens["meetings"] == ("meeting", "NOUN")
    assert next(sentence.text for sentence in docs[1].sents).strip() == "My mentor was always there."


def test_a_second_run_parses_nothing_and_gives_the_same_bytes(quick, parsed):
    before = stored(quick)
    assert quick.run("parses") == 0
    assert parsed == []
    assert stored(quick) == before


def test_without_the_cache_everything_is_parsed_again_to_the_same_bytes(quick, parsed):
    before = stored(quick)
    for path in CACHE.iterdir():
        path.unlink()
    assert quick.run("parses") == 0
    assert len(parsed) == 5
    assert stored(quick) == before


def test_an_edited_codebook_parses_nothing(quick, parsed):
    quick.write("codebook.yaml", "codebook: B\ncodes: [{code: support}, {code: clarity}]\n")
    quick.run("utterances", "parses")
    assert parsed == []


def test_only_the_source_that_changed_is_parsed_again(quick, parsed):
    two_sources(quick)
    quick.run("utterances", "parses")
    assert parsed == ["My mentor left."]


def test_another_model_parses_anew(quick, parsed):
    quick.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:de\n")
    quick.run("parses")
    assert len(parsed) == 5


def test_parses_of_words_that_left_the_study_are_swept_from_results_and_cache(quick):
    two_sources(quick)
    quick.run("utterances", "parses")
    assert set(stored(quick)) == {"talk.spacy", "later.spacy"}
    assert len(list(CACHE.iterdir())) == 2
    quick.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\n")
    (quick.path / "transcripts" / "later.txt").unlink()
    quick.run("utterances", "parses")
    assert set(stored(quick)) == {"talk.spacy"}
    assert [path.read_bytes() for path in CACHE.iterdir()] == [stored(quick)["talk.spacy"]]


def test_a_withdrawn_persons_words_do_not_linger(quick):
    assert any("Nobody" in words(path) for path in CACHE.iterdir())
    people = (quick.path / "participants.csv").read_text("utf-8")
    quick.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert quick.run("utterances", "parses") == 0
    for path in (*CACHE.iterdir(), *(quick.results / "parses").iterdir()):
        assert "Nobody" not in words(path)


def words(path: Path) -> str:
    return " ".join(doc.text for doc in read_parses(path, vocabulary("blank:en")))
