from __future__ import annotations

from benchmarks.report.hot import hot_functions

STACKS = [
    "run (/usr/lib/python3/asyncio/runners.py:44);serve (/srv/app/server.py:10);hash (/srv/app/digest.py:3) 60",
    "run (/usr/lib/python3/asyncio/runners.py:44);serve (/srv/app/server.py:12);serve (/srv/app/server.py:20) 30",
    "run (/usr/lib/python3/asyncio/runners.py:44);<built-in> 10",
]


def test_a_function_is_told_with_its_own_time_and_with_that_of_its_calls() -> None:
    own, _, whole = hot_functions(STACKS).partition("with calls")

    assert own.splitlines()[:5] == [
        "100 samples",
        " in itself",
        "     60.0%  hash (srv/app/digest.py)",
        "     30.0%  serve (srv/app/server.py)",
        "     10.0%  <built-in>",
    ]
    assert "    100.0%  run (python3/asyncio/runners.py)" in whole.splitlines()


def test_a_function_that_calls_itself_counts_once() -> None:
    _, _, whole = hot_functions(STACKS).partition("with calls")

    assert "     90.0%  serve (srv/app/server.py)" in whole.splitlines()
