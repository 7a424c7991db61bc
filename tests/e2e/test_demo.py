from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.processes import COMMAND
from tests.support.terminal import PATIENCE_S, Ended, Terminal, read_until

pytestmark = pytest.mark.e2e

FIGURES = re.compile(r"demo: (\d+) webhooks in, (\d+) events acknowledged, (\d+) replies delivered, (\d+) lost")
SCRIPT_ONLY = "demo: 22 webhooks in, 10 events acknowledged, 10 replies delivered, 0 lost"
"""11 posts of 10 events (one comes twice) and 11 echoes: 10 replies, one of them in two parts."""
OUR_LINK = r"http://127\.0\.0\.1:\d+/media/[\w-]{32}"
YOUR_TURN = "Your turn"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, {"TMPDIR": str(tmp_path)})


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, list[Path]]:
    """The script, played to its end, and what is left in the folder for temporary files."""
    folder = tmp_path_factory.mktemp("once")
    environment = Terminal(folder, {"TMPDIR": str(folder)}).environment
    process = subprocess.run(
        [COMMAND, "demo", "--once"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(process.returncode, process.stdout, process.stderr), left_in(folder)


def test_the_script_ends_with_its_figures(once: tuple[Ended, list[Path]]) -> None:
    ended, _ = once

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == SCRIPT_ONLY
    assert len(FIGURES.findall(ended.out)) == 1


def test_nothing_is_left_behind(once: tuple[Ended, list[Path]]) -> None:
    _, left = once

    assert left == []


def test_it_shows_both_sides_of_what_is_hard(once: tuple[Ended, list[Path]]) -> None:
    said = once[0].out

    for line in (
        "customers       Amina writes: Hello 👋 Do you deliver to Lahore?",
        "contact centre  from Олег: Здравствуйте! Где мой заказ №1047? 📦",
        "Facebook posted it 2 times; the contact centre got it 1 time",
        "Amina sees: نعم، الدفع عند الاستلام متاح 👍 (quoting: مرحبا، هل يمكنني الدفع عند الاستلام؟ 💵)",
    ):
        assert line in said
    assert len(re.findall(r"Олег sees: .*characters\)", said)) == 2


@pytest.mark.parametrize(
    "line",
    [
        r"from Amina: \[1 of 3\] It arrived broken, look:",
        rf"from Amina: \[2 of 3\] IMAGE image/jpeg, [1-9]\d* bytes, {OUR_LINK}",
        rf"from Amina: \[3 of 3\] IMAGE image/png, [1-9]\d* bytes, {OUR_LINK}",
        rf"from Amina: STICKER \d+ {OUR_LINK}",
        r"from Олег: Да, именно этот 🙋 \(quoting: Коротко: 14 дней 🙂\)",
        r"from Amina: reacts ❤ \(quoting: 😊\)",
        r"from Олег: Talk to an agent \(postback AGENT\)",
    ],
)
def test_everything_a_customer_can_send_is_a_line_of_its_own(once: tuple[Ended, list[Path]], line: str) -> None:
    lines = once[0].out.splitlines()

    assert len([said for said in lines if re.fullmatch(f"contact centre  {line}", said)]) == 1


async def test_the_same_goes_through_rest_alone(terminal: Terminal) -> None:
    ended = await terminal.run("demo", "--once", "--bridge")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == SCRIPT_ONLY
    for line in (
        "contact centre  from Amina: reacts ❤ (quoting: 😊)",
        "contact centre  from Олег: Talk to an agent (postback AGENT)",
        "Amina sees: نعم، الدفع عند الاستلام متاح 👍 (quoting: مرحبا، هل يمكنني الدفع عند الاستلام؟ 💵)",
    ):
        assert line in ended.out


async def test_settings_and_proxies_of_the_machine_do_not_matter(terminal: Terminal) -> None:
    machine = terminal.having(
        FBC_LISTEN="nonsense",
        FBC_CCM_TOKENS="other",
        FBC_GRAPH_URL="https://graph.facebook.com",
        FBC_GATEWAY_LISTEN="nonsense",
        http_proxy="http://127.0.0.1:9",
        https_proxy="http://127.0.0.1:9",
    )
    (terminal.folder / ".env").write_text("FBC_TEXT_LIMIT=20\n")

    ended = await machine.run("demo", "--once")

    assert (ended.status, ended.out.splitlines()[-1]) == (0, SCRIPT_ONLY)


async def test_what_is_typed_is_answered(terminal: Terminal) -> None:
    ended = await terminal.run("demo", stdin="Is anybody there?\n\nAnd now?")

    assert ended.status == 0
    assert ended.out.count("customers       Amina sees: You wrote ") == 2
    assert ended.out.splitlines()[-1] == "demo: 26 webhooks in, 12 events acknowledged, 12 replies delivered, 0 lost"


async def test_a_kept_folder_can_be_used_again(terminal: Terminal, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    first, second = [await terminal.run("demo", "--once", "--data-dir", str(kept)) for _ in range(2)]

    assert [ended.out.splitlines()[-1] for ended in (first, second)] == [SCRIPT_ONLY, SCRIPT_ONLY]
    assert str(kept) in first.out
    assert (kept / "connector.db").exists()


async def test_a_folder_that_cannot_be_is_told_in_one_line(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ended = await terminal.run("demo", "--once", "--data-dir", str(tmp_path / "file"))

    assert "file" in ended.complaint


async def test_its_log_holds_no_text_and_no_secret(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.run("demo", "--once", "--data-dir", str(tmp_path / "kept"))
    log = (tmp_path / "kept" / "demo.log").read_text()

    assert "server serves" in log
    assert not re.search("Lahore|Olег|заказ|EAA", log)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_it_and_removes_its_folder(
    terminal: Terminal, tmp_path: Path, number: signal.Signals
) -> None:
    async with waiting_for_its_customer(terminal) as process:
        process.send_signal(number)
        ended = await end_of(process)

    assert (ended.status, ended.out.splitlines()[-1]) == (0, SCRIPT_ONLY)
    assert left_in(tmp_path) == []


async def test_a_script_that_is_interrupted_is_no_success(terminal: Terminal) -> None:
    async with terminal.started("demo", "--once") as process:
        await read_until(process.stdout, "Two customers write at once")
        process.send_signal(signal.SIGTERM)
        ended = await end_of(process)

    assert ended.status == 1
    assert FIGURES.fullmatch(ended.out.splitlines()[-1])


async def test_a_closed_standard_input_ends_it(terminal: Terminal) -> None:
    async with terminal.started("demo", stdin=asyncio.subprocess.DEVNULL) as process:
        ended = await end_of(process)

    assert (ended.status, ended.out.splitlines()[-1]) == (0, SCRIPT_ONLY)


async def test_a_reader_that_goes_away_ends_it_without_a_traceback(terminal: Terminal, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_shell(
        f"{COMMAND} demo --once | head -1", env=terminal.environment, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)

    assert b"Traceback" not in err
    assert left_in(tmp_path) == []


async def test_on_a_terminal_ctrl_d_ends_it(terminal: Terminal) -> None:
    ours, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        COMMAND, "demo", cwd=terminal.folder, env=terminal.environment, stdin=its, stdout=its, stderr=its
    )
    os.close(its)
    said = await asyncio.to_thread(_type_on, ours, "Typed 😀\n".encode())
    status = await process.wait()
    os.close(ours)

    assert status == 0
    assert "Typed 😀" in said
    assert "1 lost" not in said
    assert "demo: 24 webhooks in, 11 events acknowledged, 11 replies delivered, 0 lost" in said


def _type_on(terminal: int, text: bytes) -> str:
    said, typed, left = b"", False, False
    while True:
        try:
            said += os.read(terminal, 65536)
        except OSError:
            return said.decode()
        if not typed and YOUR_TURN.encode() in said:
            os.write(terminal, text)
            typed = True
        if typed and not left and b"You wrote" in said.partition(YOUR_TURN.encode())[2].partition(b"sees")[2]:
            os.write(terminal, b"\x04")
            left = True


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@asynccontextmanager
async def waiting_for_its_customer(terminal: Terminal) -> AsyncIterator[asyncio.subprocess.Process]:
    async with terminal.started("demo", stdin=asyncio.subprocess.PIPE) as process:
        await read_until(process.stdout, YOUR_TURN)
        yield process


async def end_of(process: asyncio.subprocess.Process) -> Ended:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
        return Ended(await process.wait(), out.decode(), err.decode())
