from pathlib import Path

from qualcode.cache import cache_folder
from qualcode.study import load_study


def test_each_study_and_kind_of_work_has_its_folder_in_the_working_directory(study):
    folder = cache_folder(load_study(study.path), "parses")
    assert folder == Path(".cache/qualcode/talks/parses")
    assert folder.resolve() == study.path.parent / ".cache" / "qualcode" / "talks" / "parses"
    assert folder.is_dir()


def test_what_is_kept_there_stays(study):
    kept = cache_folder(load_study(study.path), "parses") / "kept"
    kept.write_text("words", encoding="utf-8")
    assert cache_folder(load_study(study.path), "parses") == kept.parent
    assert kept.read_text("utf-8") == "words"


def test_it_lies_outside_the_results_and_the_study(study):
    folder = cache_folder(load_study(study.path), "embeddings").resolve()
    assert study.results not in folder.parents
    assert study.path not in folder.parents
