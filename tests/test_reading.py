import pytest

from ocrdigits import reading
from ocrdigits.inputs import Source
from ocrdigits.reading import ReadRequest


@pytest.mark.parametrize(
    ("files", "asked", "side_by_side", "threads"),
    [
        (1, None, 1, 6),
        (1, 1, 1, 1),
        (3, None, 3, 1),
        (9, None, 6, 1),
        (9, 2, 2, 1),
        (0, None, 1, 1),
    ],
)
def test_a_single_photo_gets_all_cores_and_several_share_them(
    monkeypatch, files, asked, side_by_side, threads
):
    monkeypatch.setattr(reading, "all_cores", lambda: 6)
    request = ReadRequest(tuple(Source(f"{k}.jpg", b"") for k in range(files)), jobs=asked)
    assert (request.side_by_side, request.threads) == (side_by_side, threads)
