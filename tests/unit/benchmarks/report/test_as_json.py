from __future__ import annotations

import json

from benchmarks.report.as_json import as_json
from benchmarks.report.rows import Cost, Findings
from tests.unit.benchmarks.report.test_markdown import MACHINE, ROW


def test_everything_the_table_shows_is_there() -> None:
    findings = Findings(
        [ROW], [Cost(scenario="send", what="ours", rate=1_000, cores={"server": 0.5})], ["left out"], ["broken"]
    )

    told = json.loads(as_json(MACHINE, findings))

    assert told["machine"]["cores"] == 2
    assert told["rows"] == [
        {
            "scenario": "send",
            "what": "SendMessage, 16 in flight",
            "unit": "/s",
            "ours": 123.4,
            "baseline": "bare httpx",
            "theirs": 246.8,
            "ratio": 0.5,
            "goal": "≥ 0.7 × bare httpx",
            "verdict": "missed by 29%",
            "spread": 0.12,
        }
    ]
    assert told["costs"] == [
        {"scenario": "send", "what": "ours", "rate": 1_000, "cores": {"server": 0.5}, "each_us": 500}
    ]
    assert (told["notes"], told["failures"]) == (["left out"], ["broken"])
