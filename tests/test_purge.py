"""Purge: what is kept between runs goes, what people wrote and other studies' records stay."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.cli import main
from qualcode.commands import purge


def record(kind: str, output: str, longest: int = 254) -> Path:
    """A record as Snakemake's FilePersistence names it: base64, cut into folders that begin with @."""
    name = urlsafe_b64encode(output.encode()).decode()
    pieces = [name[at : at + longest] for at in range(0, len(name), longest)]
    return Path(".snakemake", kind, *("@" + piece for piece in pieces[:-1]), pieces[-1])


def lay(path: Path | str, text: str = "words") -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def kept(study) -> tuple[list[Path], list[Path]]:
    """What purge removes and what it leaves, for the study `talks` beside another, `talks-2`."""
    gone = [
        lay(".cache/qualcode/talks/embeddings/v1.npz"),
        lay(".cache/qualcode/talks/parses/a.spacy"),
        lay("logs/talks/utterances.log"),
        lay(record("metadata", "results/talks/utterances.csv")),
        lay(record("metadata", "results/talks/texts")),
        lay(record("metadata", f"results/talks/{'long' * 200}.csv")),
        lay(record("incomplete", "results/talks/themes.csv")),
        lay(".snakemake/log/2026-01-01T000000.000000.snakemake.log"),
        lay(".snakemake/backups/results/talks/parses/talk.spacy"),
        lay(".snakemake/shadow/tmp1/words.txt"),
        lay(".snakemake/iocache/latest.pkl"),
        lay(".snakemake/auxiliary/x"),
        lay(".snakemake/scripts/tmp.py"),
        lay(".snakemake/shell_tmp.abc/script.sh"),
        lay(".snakemake/slurm_logs/rule_utterances/1.log"),
        lay("results/talks/.utterances.csv.k3j2.csv"),
    ]
    stays = [
        lay(".cache/qualcode/talks-2/parses/a.spacy"),
        lay("logs/talks-2/utterances.log"),
        lay(record("metadata", "results/talks-2/utterances.csv")),
        lay(record("metadata", f"results/other/{'long' * 200}.csv")),
        lay(record("metadata", "data/results/talks/x.csv")),
        lay(".snakemake/metadata/no base64 at all"),
        lay(".snakemake/conda/env.yaml"),
        lay("results/talks/utterances.csv"),
        lay("results/talks/texts/.snakemake_timestamp"),
        lay("results/talks-2/utterances.csv"),
        *(path for path in study.path.rglob("*") if path.is_file()),
    ]
    return gone, stays


def test_what_was_kept_of_a_study_goes_and_nothing_else(kept, capsys):
    gone, stays = kept
    before = {path: path.read_bytes() for path in stays}
    assert main(["purge", "talks"]) == 0
    assert [path for path in gone if path.exists()] == []
    assert {path: path.read_bytes() for path in stays if path.exists()} == before
    told = capsys.readouterr().out
    assert ".cache/qualcode/talks: removed (2 files)." in told
    assert "logs/talks: removed (1 file)." in told
    assert ".snakemake: records of results/talks: removed (4 files)." in told
    assert ".snakemake: logs and leavings of all runs: removed (8 files)." in told
    assert "results/talks: half-written files: removed (1 file)." in told
    assert "results/talks: kept; the next run makes all of it anew" in told


def test_results_that_stay_look_older_than_everything(kept):
    assert main(["purge", "talks"]) == 0
    assert {path.stat().st_mtime for path in Path("results/talks").rglob("*")} == {1}
    assert Path("results/talks-2/utterances.csv").stat().st_mtime > 1


def test_with_results_they_go_too(kept, capsys):
    assert main(["purge", "talks", "--with-results"]) == 0
    assert not Path("results/talks").exists()
    assert Path("results/talks-2/utterances.csv").exists()
    assert Path("talks/transcripts/talk.txt").exists()
    assert "results/talks: removed (3 files)." in capsys.readouterr().out


def test_a_second_purge_finds_nothing_and_says_where_it_looked(kept, capsys):
    main(["purge", "talks", "--with-results"])
    capsys.readouterr()
    assert main(["purge", "talks"]) == 0
    told = capsys.readouterr().out
    assert f"Nothing is kept of 'talks' in {Path.cwd()}: purge looks in the folder that you are in." in told


def test_a_study_that_is_gone_can_still_be_purged_but_not_one_that_never_was(kept, capsys):
    Path("talks").rename("elsewhere")
    assert main(["purge", "talks", "--with-results"]) == 0
    assert not Path(".cache/qualcode/talks").exists()
    assert main(["purge", "data/tlaks"]) == 1
    assert "there is no such study, and nothing is kept of one" in capsys.readouterr().err


def test_records_alone_of_a_study_that_is_gone_can_be_purged(study):
    left = lay(record("metadata", "results/gone/utterances.csv"))
    assert main(["purge", "data/gone"]) == 0
    assert not left.exists()


def test_it_waits_for_a_run(kept, capsys):
    lay(".snakemake/locks/0.input.lock", "talks/transcripts/talk.txt\n")
    assert main(["purge", "talks"]) == 1
    told = capsys.readouterr().err
    assert "Snakemake is at work in this folder" in told and "snakemake --unlock" in told
    gone, stays = kept
    assert all(path.exists() for path in [*gone, *stays])


def everything() -> dict[str, str]:
    """All files and links, with what is in them or where they lead, and when they were changed."""
    return {
        str(path): f"-> {path.readlink()}" if path.is_symlink() else f"{path.stat().st_mtime} {path.read_text('utf-8')}"
        for path in Path().rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("options", [[], ["--with-results"]])
@pytest.mark.parametrize(
    ("link", "target", "named"),
    [
        ("results/talks", "talks", "results/talks"),
        ("results/talks", "talks/transcripts", "results/talks"),
        ("results/talks", "data", "results/talks"),
        ("results/talks", "data/other/transcripts", "results/talks"),
        ("results/talks", "codebooks", "results/talks"),
        ("results/talks", ".", "results/talks"),
        ("results", ".", "results/talks"),
        (".cache/qualcode/talks", "talks", ".cache/qualcode/talks"),
        (".cache/qualcode", ".", ".cache/qualcode/talks"),
        ("logs", ".", "logs/talks"),
        (".snakemake", "data", ".snakemake"),
    ],
)
def test_nothing_is_deleted_where_a_folder_leads_into_what_people_wrote(kept, capsys, options, link, target, named):
    lay("data/other/transcripts/.talk.txt")
    lay("codebooks/shared.yaml")
    purge._remove(Path(link))
    Path(link).symlink_to(Path(target).resolve())
    before = everything()
    assert main(["purge", "talks", *options]) == 1
    assert everything() == before
    told = capsys.readouterr().err
    assert f"{named}: this leads to " in told and "nothing was deleted" in told


def test_a_study_that_is_itself_a_link_is_safe_where_it_leads(study, capsys):
    Path("data").mkdir()
    Path("data/talks").symlink_to(study.path)
    Path("results").symlink_to(study.path.parent)
    before = everything()
    # Another name for it leads to the same study, and so does a study that is gone beside it.
    for named in ("data/talks", "talks", "elsewhere/talks"):
        assert main(["purge", named, "--with-results"]) == 1
        assert "results/talks: this leads to " in capsys.readouterr().err
    assert everything() == before


@pytest.mark.parametrize("link", ["results/talks", ".cache/qualcode/talks", "logs/talks", ".snakemake"])
@pytest.mark.parametrize("options", [[], ["--with-results"]])
def test_nothing_is_deleted_behind_a_link_that_leads_elsewhere(kept, capsys, options, link):
    lay("elsewhere/.theirs")
    purge._remove(Path(link))
    Path(link).symlink_to(Path("elsewhere").resolve())
    before = everything()
    assert main(["purge", "talks", *options]) == 1
    assert everything() == before
    assert f"{link}: this is a link to {Path('elsewhere').resolve()}" in capsys.readouterr().err
    Path(link).unlink()
    assert main(["purge", "talks", *options]) == 0
    assert Path("elsewhere/.theirs").exists()


def test_the_folder_of_all_results_or_caches_can_be_on_another_disk(kept):
    for link in ("results", ".cache", "logs"):
        Path("disk").mkdir(exist_ok=True)
        Path(link).rename(f"disk/{link}")
        Path(link).symlink_to(Path("disk", link).resolve())
    beside = Path("disk/results/talks-2/utterances.csv")
    assert main(["purge", "talks", "--with-results"]) == 0
    assert not any(Path("disk", at).exists() for at in ("results/talks", ".cache/qualcode/talks", "logs/talks"))
    assert beside.exists() and Path("results").is_symlink()


def test_links_among_results_and_caches_are_not_followed(kept):
    theirs = [Path("talks/transcripts/talk.txt"), lay("elsewhere/.words")]
    before = [(path.read_bytes(), path.stat().st_mtime) for path in theirs]
    for folder in ("results/talks", ".cache/qualcode/talks"):
        Path(folder, "talk.txt").symlink_to(theirs[0].resolve())
        Path(folder, ".hidden").symlink_to(theirs[0].resolve())
        Path(folder, "folder").symlink_to(theirs[1].parent.resolve())
        Path(folder, "broken").symlink_to("nowhere")
    for options in ([], ["--with-results"]):
        assert main(["purge", "talks", *options]) == 0
        assert [(path.read_bytes(), path.stat().st_mtime) for path in theirs] == before
    assert not Path("results/talks").exists()


@pytest.mark.parametrize("named", ["/", "results", ".", "data", "..", "logs"])
def test_a_folder_that_is_no_study_is_refused(kept, capsys, named):
    lay("data/talks/study.yaml")
    before = everything()
    assert main(["purge", named, "--with-results"]) == 1
    assert everything() == before
    told = capsys.readouterr().err
    assert ("this is no study's folder" if named == "/" else "there is no such study, and nothing is kept of") in told


def test_the_results_named_as_the_study_are_refused(kept, capsys):
    before = everything()
    assert main(["purge", "results/talks", "--with-results"]) == 1
    assert everything() == before
    assert "name the study's own folder" in capsys.readouterr().err


def test_anchors_lose_the_words_of_who_withdrew_and_keep_the_others(study, capsys):
    assert study.run("utterances", "parses", "open_codes") == 0
    assert main(["anchor", "talks"]) == 0
    anchors = Path("talks/codings/anchors.csv")
    assert "the expectations changed" in anchors.read_text("utf-8")
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert main(["purge", "talks"]) == 0
    text = anchors.read_text("utf-8")
    assert "the expectations changed" not in text and "Nobody told me" not in text
    assert "My mentor was always there." in text
    assert (
        "talks/codings/anchors.csv: words that are in no transcript any more were taken out of 1 anchor."
        in capsys.readouterr().out
    )
    assert main(["purge", "talks"]) == 0
    assert anchors.read_text("utf-8") == text


def test_a_study_that_is_not_sound_is_purged_all_the_same_and_told_of(kept, capsys):
    lay("talks/codings/anchors.csv", "coding\n")
    lay("talks/study.yaml", "title: [\n")
    assert main(["purge", "talks"]) == 1
    told = capsys.readouterr()
    assert "study.yaml" in told.err and ".cache/qualcode/talks: removed (2 files)." in told.out
    assert not Path(".cache/qualcode/talks").exists()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=600))
def test_every_record_is_read_as_snakemake_wrote_it(name):
    output = f"results/{name}"
    path = record("metadata", output)
    assert purge._recorded(path.relative_to(Path(".snakemake/metadata"))) == output
