"""The store writes only inside its folder, whole files, and only what is new."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harvests.pipeline.errors import StoreError
from harvests.pipeline.store import LEFT_OVER_AFTER, TEMPORARY, TRASH, Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "waf", "http://waf.example.org/")


@pytest.fixture
def folder(store):
    return store.folder("Ocean Institute")


def put(folder, name: str, data: bytes) -> None:
    folder.stage(name, data)
    folder.commit()


def test_nothing_is_visible_before_the_commit(folder):
    folder.stage("a.xml", b"<a/>")
    assert folder.names() == []
    assert folder.commit() == 1
    assert folder.path_of("a.xml").read_bytes() == b"<a/>"


def test_the_same_bytes_are_not_written_again(folder):
    put(folder, "a.xml", b"<a/>")
    before = folder.path_of("a.xml").stat()  # reading it changes st_atime
    stored = folder.stage("a.xml", b"<a/>")
    assert (stored.written, folder.commit()) == (False, 0)
    after = folder.path_of("a.xml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_temporary_names_never_look_like_records(folder):
    folder.stage("a.xml", b"<a/>")
    [name] = os.listdir(folder.path)
    assert name.startswith(".")
    assert not name.endswith(".xml")


@pytest.mark.parametrize(
    "name",
    [
        *("../x.xml", "/etc/x.xml", "a/b.xml", "..", "", ".hidden.xml"),
        *("C:\\x.xml", "x\x00.xml", "x\n.xml", "x.txt", "é" * 130 + ".xml"),
        f"{TEMPORARY}x.xml",
    ],
)
def test_a_name_never_leaves_its_folder(folder, name):
    with pytest.raises(StoreError, match=r"Refused"):
        folder.stage(name, b"<a/>")
    assert os.listdir(folder.path) == []


@pytest.mark.parametrize("name", ["..", "a/b", "", ".trash", "/tmp"])
def test_an_organization_never_leaves_the_root(store, name):
    with pytest.raises(StoreError, match="Refused the name"):
        store.folder(name)


def test_urls_are_quoted(folder):
    url = folder.url_of("naïve name.xml")
    assert url == "http://waf.example.org/Ocean%20Institute/na%C3%AFve%20name.xml"


def test_a_removed_file_comes_back_from_the_trash(store, folder):
    put(folder, "a.xml", b"<a/>")
    assert folder.trash("a.xml", "key")
    assert folder.names() == []
    assert (store.root / TRASH / "Ocean Institute" / "key").exists()
    assert folder.restore("key", "a.xml")
    assert folder.names() == ["a.xml"]


def test_trashing_what_is_not_there_says_so(folder):
    assert folder.trash("a.xml", "key") is False
    assert folder.restore("key", "a.xml") is False


def test_restoring_never_overwrites(folder):
    put(folder, "a.xml", b"<old/>")
    folder.trash("a.xml", "key")
    put(folder, "a.xml", b"<new/>")
    with pytest.raises(StoreError, match="there again"):
        folder.restore("key", "a.xml")
    assert folder.path_of("a.xml").read_bytes() == b"<new/>"


def test_what_is_forgotten_is_gone(folder):
    put(folder, "a.xml", b"<a/>")
    folder.trash("a.xml", "key")
    folder.forget("key")
    folder.forget("key")
    assert folder.restore("key", "a.xml") is False


def test_discard_drops_what_was_staged(folder):
    folder.stage("a.xml", b"<a/>")
    folder.discard()
    assert folder.commit() == 0
    assert os.listdir(folder.path) == []


def test_discard_sweeps_what_a_killed_run_left_long_ago(folder):
    old, new = (folder.path / f"{TEMPORARY}{age}" for age in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"<half")
    long_ago = time.time() - LEFT_OVER_AFTER - 1
    os.utime(old, (long_ago, long_ago))
    folder.discard()
    assert os.listdir(folder.path) == [new.name]


def test_a_disk_that_refuses_is_a_clear_error(folder):
    folder.path.rmdir()
    with pytest.raises(StoreError, match="Could not write .* Check the disk"):
        folder.stage("a.xml", b"<a/>")


def test_a_commit_that_fails_is_a_clear_error(folder):
    folder.stage("a.xml", b"<a/>")
    folder.path_of("a.xml").mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        folder.commit()


def test_a_folder_in_the_place_of_a_file_is_a_clear_error(folder):
    folder.path_of("a.xml").mkdir()
    with pytest.raises(StoreError, match="Could not write"):
        folder.stage("a.xml", b"<a/>")


def test_a_root_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file is a file, not a folder"):
        Store(tmp_path / "file").folder("x")


def test_a_trash_that_refuses_is_a_clear_error(store, folder):
    put(folder, "a.xml", b"<a/>")
    (store.root / TRASH).write_text("in the way")
    with pytest.raises(StoreError, match="Could not write"):
        folder.trash("a.xml", "key")
    assert folder.names() == ["a.xml"]


def test_a_flush_that_fails_is_a_clear_error(folder):
    folder.stage("a.xml", b"<a/>")
    moved = folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(StoreError, match="No such file"):
        folder.commit()
    assert moved.exists()


def test_without_syncfs_everything_is_flushed(folder, monkeypatch):
    monkeypatch.setattr("harvests.pipeline.store._syncfs", None)
    put(folder, "a.xml", b"<a/>")
    assert folder.names() == ["a.xml"]


def test_a_file_system_that_cannot_be_flushed_is_a_clear_error(folder, monkeypatch):
    folder.stage("a.xml", b"<a/>")
    monkeypatch.setattr("harvests.pipeline.store.os.open", lambda *_args: -1)
    monkeypatch.setattr("harvests.pipeline.store.os.close", lambda _descriptor: None)
    with pytest.raises(StoreError, match="Bad file descriptor"):
        folder.commit()
    assert folder.names() == []


def test_a_folder_is_swept_while_another_run_renames_its_files(store):
    ours, theirs = store.folder("Ocean Institute"), store.folder("Ocean Institute")
    ended = threading.Event()

    def sweep() -> None:
        while not ended.is_set():
            ours.discard()

    with ThreadPoolExecutor(1) as pool:
        sweeping = pool.submit(sweep)
        for number in range(500):
            put(theirs, f"{number}.xml", b"<a/>")
        ended.set()
        sweeping.result()
    assert len(theirs.names()) == 500
