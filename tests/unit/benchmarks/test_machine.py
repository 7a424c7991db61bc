from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.machine import filesystem_of
from tests.unit.benchmarks.report.test_markdown import MACHINE

MOUNTS = """\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
/dev/vda1 /srv ext4 rw 0 0
tmpfs /srv/tmp tmpfs rw 0 0
/dev/vdb / xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("/home/me", "xfs"), ("/srv/data", "ext4"), ("/srv/tmp/bench", "tmpfs"), ("/srvelse", "xfs")],
)
def test_a_folder_is_on_what_is_mounted_nearest_and_last(folder: str, expected: str) -> None:
    assert filesystem_of(Path(folder), MOUNTS) == expected


def test_without_mounts_nobody_knows() -> None:
    assert filesystem_of(Path("/tmp"), "") == "an unknown file system"


def test_a_file_system_that_keeps_nothing_is_pointed_out() -> None:
    assert not any("TMPDIR" in line for line in MACHINE.lines())
    assert any("TMPDIR" in line for line in replace(MACHINE, filesystem="tmpfs").lines())
