from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from ocrdigits.errors import InputError, UsageError
from ocrdigits.inputs import expand_inputs, read_name_list, unique_slugs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two images, sub-folders, and files that are none."""
    monkeypatch.chdir(tmp_path)
    for name in (
        *("photos/page10.jpg", "photos/page2.JPG", "photos/Page1.png", "photos/notes.txt"),
        *("photos/.hidden.jpg", "photos/b/x.tif", "photos/a/y.webp", "photos/.git/z.jpg"),
    ):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def names(*paths: str, recursive: bool = False, stdin: bytes = b""):
    sources = expand_inputs(paths, io.BytesIO(stdin), recursive=recursive)
    return [source.name for source in sources]


def test_files_keep_the_order_and_the_names_they_were_given_by():
    assert names("b.jpg", "./a.jpg", "b.jpg") == ["b.jpg", "./a.jpg", "b.jpg"]


def test_a_folder_gives_its_images_in_natural_order(folder):
    assert names("photos") == ["photos/Page1.png", "photos/page2.JPG", "photos/page10.jpg"]


def test_recursion_reaches_sub_folders_but_no_hidden_ones(folder):
    assert names("photos/", recursive=True)[3:] == ["photos/a/y.webp", "photos/b/x.tif"]


def test_links_in_a_circle_are_harmless(folder):
    Path("photos/a/up").symlink_to(folder / "photos", target_is_directory=True)
    assert len(names("photos", recursive=True)) == 5


def test_a_link_that_leads_nowhere_is_a_source_whose_reading_will_say_so(folder):
    Path("photos/page3.jpg").symlink_to("none")
    assert "photos/page3.jpg" in names("photos")


def test_a_folder_without_images_is_an_error_that_names_it(folder):
    Path("empty\n").mkdir()
    (source,) = expand_inputs(["empty\n"], io.BytesIO(), recursive=False)
    assert source.name == "empty\n"
    assert isinstance(source.content, InputError)
    assert str(source.content).startswith(r"empty\n: no images in this folder") and "-r" in str(
        source.content
    )


def test_a_folder_that_cannot_be_read_is_an_error_that_names_it(folder, monkeypatch):
    def deny(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", deny)  # root may read anything, so it is simulated
    (source,) = expand_inputs(["photos"], io.BytesIO(), recursive=False)
    assert "Permission denied" in str(source.content)


def test_a_dash_is_one_image_on_standard_input():
    (source,) = expand_inputs(["-"], io.BytesIO(b"image"), recursive=False)
    assert (source.name, source.content) == ("-", b"image")


def test_standard_input_is_named_only_once():
    with pytest.raises(UsageError, match="only once"):
        names("-", "-")


def test_lists_have_one_name_a_line():
    listing = "b.jpg\r\na b.jpg\n\n\udcff.jpg".encode(errors="surrogateescape")
    assert read_name_list("-", io.BytesIO(listing)) == ["b.jpg", "a b.jpg", "\udcff.jpg"]


def test_lists_with_nuls_hold_names_with_line_breaks(tmp_path):
    (tmp_path / "list").write_bytes(b"a\nb.jpg\0c.jpg\0")
    assert read_name_list(str(tmp_path / "list"), io.BytesIO()) == ["a\nb.jpg", "c.jpg"]


def test_an_empty_list_is_refused():
    with pytest.raises(InputError, match="names no files"):
        read_name_list("-", io.BytesIO(b"\n"))


def test_a_missing_list_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_name_list(str(tmp_path / "none"), io.BytesIO())


def test_slugs_are_safe_and_never_the_same():
    given = ["a/x.jpg", "b/x.png", "c/X.jpg", "-", "\x1b[2J\n.jpg", "\udcff.jpg", "...", "é 1.jpg"]
    slugs = unique_slugs(given)
    assert slugs[:4] == ["x", "x-2", "X-3", "stdin"] and slugs[-1] == "é_1"
    assert len({slug.casefold() for slug in slugs}) == len(given)
    assert all(slug and "/" not in slug and slug.isprintable() for slug in slugs)
