"""The live line: one line beneath pytest's own, gone before pytest writes again; elsewhere a plain line a minute."""

from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import subprocess
import sys
from types import SimpleNamespace

import pytest

from study.report.live import MINUTE, Live, on_terminal

WIDTH = 80


class File(io.StringIO):
    """A file that may be a terminal."""

    def __init__(self, *, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


class Reporter:
    """Stands for pytest's reporter, which has written a line's beginning."""

    def __init__(self, *, terminal, line="claims/test_a.py .."):
        self.file, self.lines = File(terminal=terminal), []
        self._tw = SimpleNamespace(
            _file=self.file, fullwidth=WIDTH, width_of_current_line=len(line), flush=self.file.flush
        )
        self.file.write(line)

    def ensure_newline(self):
        self.lines.append("")

    def write_line(self, line):
        self.lines.append(line)


class Screen:
    """What a terminal shows of what is written: newlines, moves and erased lines, no more."""

    def __init__(self):
        self.lines, self.row, self.column = [""], 0, 0

    def show(self, text):
        for match in re.finditer(r"\x1b\[(\d*)(?:;\d+)*([A-Za-z])|(.)", text, re.DOTALL):
            number, move, sign = match.groups()
            if sign == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
                self.column = 0
            elif sign == "\r":
                self.column = 0
            elif sign:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + sign + line[self.column + 1 :]
                self.column += 1
            elif move == "A":
                self.row -= int(number)
            elif move == "G":
                self.column = int(number) - 1
            elif move == "K":
                self.lines[self.row] = ""
            else:
                assert move == "m", match[0]
        return self


@pytest.fixture
def clock():
    """A clock that is moved by hand."""
    now = SimpleNamespace(seconds=0.0)
    now.read = lambda: now.seconds
    return now


def test_on_a_terminal_the_line_stands_beneath_pytests_and_is_gone_afterwards(clock):
    reporter = Reporter(terminal=True)
    live = Live(reporter, clock=clock.read)
    live.update(0, 12, ["one"])
    assert reporter.file.getvalue() == "claims/test_a.py .."  # nobody waits yet
    with live.turn("two"):
        screen = Screen().show(reporter.file.getvalue())
        assert screen.lines[0] == "claims/test_a.py .."
        assert screen.lines[1].endswith("0 of 96 VAEs, for two + 1")
        assert (screen.row, screen.column) == (0, len(screen.lines[0]))  # where pytest goes on
        for done in (1, 2, 3):
            clock.seconds += 10
            live.update(done, 12, ["one"])
        screen = Screen().show(reporter.file.getvalue())
        assert screen.lines[1:] == [screen.lines[1]]
        assert screen.lines[1].endswith("24 of 96 VAEs, 0:01:30 left, for two + 1")
    reporter.file.write(".")
    screen = Screen().show(reporter.file.getvalue())
    assert [line.rstrip() for line in screen.lines] == ["claims/test_a.py ...", ""]


def test_it_is_gone_whatever_ends_the_wait_and_when_all_is_done(clock):
    for ended in (KeyboardInterrupt, ValueError):
        reporter = Reporter(terminal=True)
        live = Live(reporter, clock=clock.read)
        live.update(1, 2, [])
        with contextlib.suppress(ended), live.turn("one"):
            raise ended
        assert Screen().show(reporter.file.getvalue()).lines[1] == ""
    with live.turn("one"):
        live.update(2, 2, [])
        assert Screen().show(reporter.file.getvalue()).lines[1] == ""


def test_a_line_is_never_wider_than_the_terminal(clock):
    reporter = Reporter(terminal=True, line="x" * 200)  # pytest's own may be
    live = Live(reporter, clock=clock.read)
    with live.turn("a_claim" * 30):
        live.update(1, 10_000, ["another"])
    below = re.findall(r"\n\r\x1b\[2K(.*?)\x1b\[1A\x1b\[41G", reporter.file.getvalue())
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in below]
    assert lines
    assert all(len(line) <= WIDTH for line in lines)
    assert any("8 of 80,000 VAEs" in line for line in lines)


def test_elsewhere_a_plain_line_is_written_a_minute(clock):
    reporter, aside = Reporter(terminal=False), []

    @contextlib.contextmanager
    def uncaptured():
        aside.append("aside")
        yield
        aside.append("back")

    live = Live(reporter, uncaptured, clock.read)
    with live.turn("one"):
        for second in range(0, 150, 10):
            clock.seconds = second
            live.update(second // 10, 100, ["other"])
    assert [line for line in reporter.lines if line] == [
        "study: 48 of 800 VAEs, 0:15:40 left, for one + 1",
        "study: 96 of 800 VAEs, 0:14:40 left, for one + 1",
    ]
    assert aside == ["aside", "back"] * 2
    assert reporter.lines.count("") == 2  # pytest's line of letters is ended, not broken
    assert MINUTE == 60
    assert reporter.file.getvalue() == "claims/test_a.py .."


def test_the_time_left_is_known_where_blocks_take_minutes(clock):
    """And a line is written every minute, whether a block is done or not."""
    reporter = Reporter(terminal=False)
    live = Live(reporter, clock=clock.read)
    with live.turn("one"):
        for second in range(0, 901):
            clock.seconds = second
            live.update(second // 300, 10, [])
    said = [line for line in reporter.lines if line]
    assert len(said) == 900 // MINUTE
    assert said[-1] == "study: 24 of 80 VAEs, 0:35:00 left, for one"


def test_it_takes_pytests_plugins_by_name():
    plugins = {"terminalreporter": Reporter(terminal=False), "capturemanager": None}
    assert isinstance(Live.of(plugins.get), Live)
    assert Live.of({}.get) is None


def test_alone_it_is_drawn_on_terminals_only_and_gone_at_the_end():
    assert on_terminal(io.StringIO()) is None
    file = File(terminal=True)
    draw = on_terminal(file)
    draw(1, 4)
    assert "8 of 32 VAEs" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())
    draw(4, 4)
    assert file.getvalue().endswith("\x1b[2K")  # the line is erased


# In a pseudo-terminal.


def in_a_terminal(folder, *arguments):
    """Run pytest as on a terminal of 80 columns; return what was written to it."""
    pty, termios, fcntl = map(pytest.importorskip, ("pty", "termios", "fcntl"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--study-workers=1", *arguments]
    hidden = ("COLUMNS", "LINES", "PYTEST_ADDOPTS", "CI", "NO_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | {"TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # the end of a pseudo-terminal
        while part := os.read(ours, 65536):
            written += part
    os.close(ours)
    process.wait()
    return written.decode()


LINE = re.compile(r"\n\r\x1b\[2K([^\r\n]+?)\x1b\[1A")


@pytest.mark.framework
def test_in_a_pseudo_terminal_the_line_is_seen_under_capture_and_letters_stay(tiny):
    example = tiny()
    text = in_a_terminal(example.home, "-k", "held or denied")
    drawn = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in LINE.findall(text)]
    assert any("0 of 16 VAEs, for tiny" in line for line in drawn)
    assert any("8 of 16 VAEs" in line for line in drawn)
    shown = [line.rstrip() for line in Screen().show(text).lines]
    assert [line for line in shown if line.startswith("claims/test_tiny.py SR ")]
    assert not [line for line in shown if "VAEs, for" in line]  # nothing of it is left
    assert not LINE.findall(in_a_terminal(example.home, "-q", "-k", "held", "--study-cache=another"))


@pytest.mark.framework
def test_where_there_is_no_terminal_a_quick_run_has_no_line(tiny):
    ran = tiny().run("-k", "held", apart=True)
    assert "VAEs, for" not in ran.output
    assert "\x1b" not in ran.output
