import numpy as np
import pytest
from drawn_lines import drawn_sample

from ocrdigits.ctc import encode_text
from ocrdigits.model.strings.batches import (
    BatchSettings,
    LineBatch,
    compose_batches,
    compose_pool,
    stack_batch,
)

SETTINGS = BatchSettings(batch_size=4, pool_batches=3, processes=0, seed=1)


def compose(first: int = 0, stop: int = 8, processes: int = 0) -> list[LineBatch]:
    settings = BatchSettings(4, 3, processes, 1)
    return list(compose_batches(drawn_sample, settings, first, stop))


def are_equal(one: list[LineBatch], other: list[LineBatch]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.lines, b.lines) and a.texts == b.texts
        for a, b in zip(one, other, strict=True)
    )


def test_a_batch_knows_the_frames_and_the_classes_of_its_lines():
    samples = [(np.ones((32, 8), np.float32), "10"), (np.ones((32, 12), np.float32), "")]
    batch = stack_batch(samples)
    assert batch.lines.shape == (2, 1, 32, 12)
    assert batch.frames.tolist() == [4, 6]
    assert batch.targets.tolist() == [encode_text("10"), [0, 0]]
    assert batch.lengths.tolist() == [2, 0]
    assert stack_batch(samples[1:]).targets.shape == (1, 1)


def test_a_pool_holds_each_of_its_samples_once():
    batches = compose_pool(drawn_sample, 2, SETTINGS)
    texts = sorted(text for batch in batches for text in batch.texts)
    assert texts == sorted(drawn_sample(index)[1] for index in range(24, 36))


def test_lines_of_a_batch_are_of_like_widths():
    def width_of(index: int) -> tuple[np.ndarray, str]:
        return np.zeros((32, 4 + 4 * (index * 7 % 12)), np.float32), ""

    batches = compose_pool(width_of, 0, SETTINGS)
    spans = sorted((int(batch.frames.min()), int(batch.frames.max())) for batch in batches)
    assert spans == [(2, 8), (10, 16), (18, 24)]


def test_any_first_batch_and_any_number_of_processes_give_the_same_row():
    row = compose()
    assert len(row) == 8
    assert are_equal(compose(first=4), row[4:])
    assert are_equal(compose(processes=2), row)


def test_a_sample_that_is_no_line_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="a line must be"):
        stack_batch([(np.zeros((32, 7), np.float32), "1")])
