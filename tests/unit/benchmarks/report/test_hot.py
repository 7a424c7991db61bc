from __future__ import annotations

from benchmarks.report.hot import hot_functions

STACKS = [
    "main (/srv/app/main.py:1);serve (/srv/app/server.py:10);hash (/srv/app/digest.py:3) 60",
    "main (/srv/app/main.py:1);serve (/srv/app/server.py:12);serve (/srv/app/server.py:20) 30",
    "main (/srv/app/main.py:1);<built-in> 10",
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
    assert "    100.0%  main (srv/app/main.py)" in whole.splitlines()


def test_a_function_that_calls_itself_counts_once() -> None:
    _, _, whole = hot_functions(STACKS).partition("with calls")

    assert "     90.0%  serve (srv/app/server.py)" in whole.splitlines()


def test_the_way_to_the_loop_is_left_out_and_the_loop_alone_stays() -> None:
    loop = "main (/srv/app/main.py:1);Runner.run (asyncio/runners.py:118)"

    found = hot_functions([f"{loop};serve (/srv/app/server.py:10) 3", f"{loop} 1"])

    assert found.splitlines()[2:4] == [
        "     75.0%  serve (srv/app/server.py)",
        "     25.0%  Runner.run (asyncio/runners.py)",
    ]
    assert "main" not in found
