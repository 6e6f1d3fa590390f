"""What git says: a file is committed as it stands, or it is not; no checkout says nothing."""

from __future__ import annotations

import subprocess

import pytest

from study.evidence.checkout import committed, own_source, source


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "-q")
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "test_a.py").touch()
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    told = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *told, *arguments], check=True, capture_output=True)


def commit(folder):
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "code", "--no-verify")


def test_a_file_is_committed_as_it_stands(checkout):
    file, other = checkout / "claims" / "test_a.py", checkout / "claims" / "test_b.py"
    other.touch()
    assert (committed(file), committed(other)) == (True, False)
    git(checkout, "add", ".")
    assert not committed(other)  # staged is not committed
    file.write_text("changed")
    assert not committed(file)
    commit(checkout)
    assert committed(file)
    assert committed(other)


def test_a_file_that_git_ignores_or_knows_nothing_of_is_not_committed(checkout, tmp_path_factory):
    (checkout / ".gitignore").write_text("ignored.py\n")
    (checkout / "ignored.py").touch()
    commit(checkout)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "test_a.py"
    elsewhere.touch()
    assert not committed(checkout / "ignored.py")
    assert not committed(elsewhere)
    assert not committed(checkout / "nowhere" / "test_a.py")


def test_a_folder_is_of_the_checkout_that_holds_it(checkout, monkeypatch):
    found = source(checkout / "claims")
    assert found == source(checkout) == own_source(checkout)
    assert (len(found[0]), found[1]) == (40, False)
    assert own_source(checkout / "claims") == (None, None)
    (checkout / "results").mkdir()
    (checkout / "results" / "evidence.json").touch()
    assert source(checkout / "claims")[1] is False
    (checkout / "new.py").touch()
    assert source(checkout / "claims")[1] is True
    monkeypatch.setenv("PATH", "")
    assert (source(checkout), committed(checkout / "claims" / "test_a.py")) == ((None, None), False)
