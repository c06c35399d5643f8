"""Work that a thread does ahead."""

import threading

import pytest

from ocrdigits.ahead import Ahead


def test_results_come_in_the_order_of_their_items():
    squares = Ahead(lambda number: number**2, range(50))
    assert list(squares) == [number**2 for number in range(50)]
    assert len(squares) == 50 and squares[7] == 49 and list(squares[-2:]) == [48**2, 49**2]
    assert list(squares) == [number**2 for number in range(50)]  # as often as one likes


def test_what_is_done_can_be_used_while_the_rest_is_still_worked_on():
    may_go_on = threading.Event()

    def work(number):
        if number == 3:
            may_go_on.wait(timeout=30)
        return number

    results = iter(Ahead(work, range(5)))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    may_go_on.set()
    assert list(results) == [3, 4]


def test_what_goes_wrong_is_raised_where_the_result_is_asked_for():
    inverses = Ahead(lambda number: 1 / number, [2, 0, 4])
    assert inverses[0] == 0.5 and inverses[2] == 0.25
    with pytest.raises(ZeroDivisionError):
        inverses[1]


def test_nothing_to_do_gives_nothing():
    assert list(Ahead(str, [])) == []
