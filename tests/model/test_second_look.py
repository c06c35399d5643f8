"""Lines that are read with doubt are looked at again, leaning both ways; others are not."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.model.strings.second_look import SecondLook
from ocrdigits.vision.line_lean import lean_line


class Reader:
    """Gives class 1 a probability that depends on where a line's ink is, and counts calls."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, lines):
        self.seen.append(len(lines))
        answers = []
        for line in lines:
            sure = 0.5 + 0.5 * float(line[:4].max())
            frames = np.full((line.shape[1] // 2, CLASS_COUNT), 1e-9, np.float32)
            frames[:, 1], frames[:, 2] = sure - 1e-8, 1 - sure + 1e-9
            answers.append(np.log(frames))
        return answers


def upright(at: int = 20) -> np.ndarray:
    line = np.zeros((32, 40), np.float32)
    line[:, at] = 1
    return line


def test_a_lean_turns_about_the_middle():
    leaning = lean_line(upright(), 0.2)
    assert leaning.shape == (32, 40)
    assert leaning[0].argmax() > 20 > leaning[31].argmax()
    assert leaning[15].argmax() in (19, 20)


def test_sure_lines_are_seen_once():
    reader = Reader()
    (scores,) = SecondLook(reader)([upright()])
    assert reader.seen == [1]
    assert np.array_equal(scores, Reader()([upright()])[0])


def test_doubtful_lines_get_the_mean_of_three_looks():
    reader = Reader()
    faint = upright() * np.float32(0.2)
    scores = SecondLook(reader)([faint, upright(), faint])
    assert reader.seen == [3, 4]
    looks = Reader()([faint, lean_line(faint, -0.1), lean_line(faint, 0.1)])
    mean = np.log(np.mean(np.exp(np.stack(looks).astype(np.float64)), axis=0))
    assert scores[0] == pytest.approx(mean, abs=1e-5)
    assert np.array_equal(scores[0], scores[2])
    assert np.array_equal(scores[1], Reader()([upright()])[0])


def test_nothing_in_nothing_out():
    assert SecondLook(Reader())([]) == []
