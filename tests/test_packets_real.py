"""Packets of seven real interviews. Skipped where QUALCODE_DATA is not set."""

import json

from conftest import StudyFolder
from real_studies import build_pdpilot

STEPS = ("utterances", "parses", "member_checks", "identifiers", "open_codes", "axial_codes", "packets")


def test_everyone_interviewed_gets_a_packet_of_their_own_words(real_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = StudyFolder(build_pdpilot(real_data, tmp_path / "pdpilot"))
    chosen = "title: PDPilot\ncodebook: codebook.yaml\nmember_checks: {drafts: true, show: all}\n"
    study.write("study.yaml", chosen)
    assert study.run(*STEPS) == 0
    said = {row["utterance"]: row for row in study.rows("utterances")}
    rows = {row["participant"]: row for row in study.rows("packets/packets")}
    assert len(rows) == 7
    others_quoted = 0
    for person, row in rows.items():
        assert row["made"] == "true"
        assert (row["draft"] == "true") == bool(row["reason"])
        assert 0 < float(row["grade"]) < 9
        for suffix in ("docx", "html"):
            assert (study.results / "packets" / f"{person}.{suffix}").stat().st_size < 300_000
        asked = json.loads((study.results / "packets" / f"{person}.json").read_text("utf-8"))
        assert int(row["quotations"]) == len(asked["quotations"]) > 0
        others_quoted += int(row["others_quotations"])
        for quotation in asked["quotations"]:
            for part in quotation["parts"]:
                utterance = said[part["utterance"]]
                assert utterance["participant"] == person
                assert utterance["text"][part["start"] : part["end"]] == part["text"]
    assert others_quoted > 0
