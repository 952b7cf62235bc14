from __future__ import annotations

from pathlib import Path

from hpsearch.views.logs import follow_logs


def test_what_is_written_while_it_is_followed_is_read_in_order(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    writes = iter([b"one\n", b"two", b" and a half\n"])
    turns = iter([False, False, False, False, True])

    def wait() -> None:
        with log.open("ab") as file:
            file.write(next(writes, b""))

    pieces = list(follow_logs([log], lambda: next(turns), wait))
    assert [piece for _, piece in pieces] == [b"one\n", b"two", b" and a half\n"]


def test_what_was_written_just_before_the_end_is_read(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"

    def end() -> bool:
        log.write_bytes(b"last words")
        return True

    assert [piece for _, piece in follow_logs([log], end, lambda: None)] == [b"last words"]


def test_files_that_do_not_exist_have_nothing_to_say(tmp_path: Path) -> None:
    assert list(follow_logs([tmp_path / "no.log"], lambda: True, lambda: None)) == []


def test_a_file_that_was_written_anew_is_read_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_bytes(b"first attempt")
    turns = iter([False, True])
    pieces = follow_logs([log], lambda: next(turns), lambda: log.write_bytes(b"second") and None)
    assert [piece for _, piece in pieces] == [b"first attempt", b"second"]
