"""What kinds of number there are: how each is written, and how it is checked."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Content:
    """One kind of number.

    Attributes:
        description: For people who choose one.
        pattern: Regular expression of the whole text.
        checker: Module whose `is_valid` checks a text that fits the pattern; None: nothing to
            check. Those of python-stdnum know check digits but not always the length (Luhn
            accepts "0"), so the pattern settles the length.
    """

    description: str
    pattern: str
    checker: str | None = None

    def load_check(self) -> Callable[[str], bool] | None:
        """Import the check, which takes 0.03 s."""
        if self.checker is None:
            return None
        check: Callable[[str], bool] = importlib.import_module(self.checker).is_valid
        return check


_GROUPED = r"[1-9]\d{0,2}(?:,\d{3})+", r"[1-9]\d{0,2}(?:\.\d{3})+", r"[1-9]\d?(?:,\d\d)+,\d{3}"
"""1,234,567 and 1.234.567, and as India writes it: 12,34,567."""

_NUMBER = rf"-?(?:\d+(?:[.,]\d+)?|(?:{_GROUPED[0]}|{_GROUPED[2]})(?:\.\d+)?|{_GROUPED[1]}(?:,\d+)?)"
_AMOUNT = (
    rf"(?:\d+(?:[.,]\d\d)?|(?:{_GROUPED[0]}|{_GROUPED[2]})(?:\.\d\d)?|{_GROUPED[1]}(?:,\d\d)?"
    rf"|(?:\d+|{'|'.join(_GROUPED)})(?:/-|[.,]--?))"
)

_YEAR = r"(?:1[5-9]|2[01])\d\d"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = (
    rf"(?:{_DAY}(?P<a>[-/.]){_MONTH}(?P=a)|{_MONTH}(?P<b>[-/.]){_DAY}(?P=b)|{_DAY}/{_MONTH}-)"
    rf"(?:{_YEAR}|\d\d)|{_YEAR}(?P<c>[-/.]){_MONTH}(?P=c){_DAY}|\d{{6}}|\d{{8}}"
)

_POSTAL = r"\d{3,8}|\d{2}-\d{3}|\d{3}-\d{2}|\d{3}-\d{4}|\d{4}-\d{3}|\d{5}-\d{3,5}"
_ABA = r"(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}"

CONTENTS: Mapping[str, Content] = MappingProxyType(
    {
        "digits": Content("digits and nothing else", r"\d+"),
        "number": Content("whole or decimal, with or without a minus or groups", _NUMBER),
        "amount": Content("money: 500, 12,50, 1,234.56, 1.234,56, 500.-, 500/-", _AMOUNT),
        "date": Content(
            "a day of the calendar, day, month or year first, also 05052015",
            _DATE,
            "ocrdigits.dates",
        ),
        "year": Content("1500 to 2199", _YEAR),
        "us-zip": Content("US postal code: 5 digits, or 9 as 12345-6789", r"\d{5}(?:-?\d{4})?"),
        "postal": Content("postal code of any country that has no letters in it", _POSTAL),
        "postal-4": Content("postal code of 4 digits, as in Switzerland", r"\d{4}"),
        "postal-5": Content("postal code of 5 digits, as in Germany", r"\d{5}"),
        "postal-6": Content("postal code of 6 digits, as in India", r"\d{6}"),
        "aba": Content("US bank routing number, 9 digits", _ABA, "stdnum.us.rtn"),
        "luhn": Content("payment card, 12 to 19 digits", r"[1-9]\d{11,18}", "stdnum.luhn"),
        "esr": Content("Swiss payment reference, 27 digits", r"\d{27}", "stdnum.ch.esr"),
        "ean8": Content("barcode of 8 digits", r"\d{8}", "stdnum.ean"),
        "upc": Content("barcode of 12 digits", r"\d{12}", "stdnum.ean"),
        "ean13": Content("barcode of 13 digits", r"\d{13}", "stdnum.ean"),
        "gtin": Content("barcode of 8, 12, 13 or 14 digits", r"\d{8}|\d{12,14}", "stdnum.ean"),
        "isbn13": Content("book, 13 digits", r"97[89](?:-?\d){10}", "stdnum.isbn"),
        "imei": Content("mobile phone, 15 digits", r"\d{15}", "stdnum.imei"),
        "us-ssn": Content("US social security", r"\d{3}-?\d{2}-?\d{4}", "stdnum.us.ssn"),
        "ca-sin": Content("Canadian social insurance", r"\d{3}-?\d{3}-?\d{3}", "stdnum.ca.sin"),
        "gb-nhs": Content("British NHS patient", r"\d{3}-?\d{3}-?\d{4}", "stdnum.gb.nhs"),
        "in-aadhaar": Content("Indian identity", r"[2-9]\d{3}-?\d{4}-?\d{4}", "stdnum.in_.aadhaar"),
        "br-cpf": Content("Brazilian taxpayer", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", "stdnum.br.cpf"),
        "nl-bsn": Content("Dutch citizen, 9 digits", r"\d{9}", "stdnum.nl.bsn"),
        "pl-pesel": Content("Polish identity, 11 digits", r"\d{11}", "stdnum.pl.pesel"),
        "se-personnummer": Content(
            "Swedish identity", r"(?:\d{8}|\d{6})-?\d{4}", "stdnum.se.personnummer"
        ),
    }
)
"""Name → kind, as `--content` takes it."""
