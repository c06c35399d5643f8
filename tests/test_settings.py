import dataclasses
import json
from pathlib import Path

import pytest

from ocrdigits.errors import ExitCode, UsageError
from ocrdigits.records import Layout, ReaderChoice
from ocrdigits.settings import Settings, load_settings
from ocrdigits.values import DecimalMark


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "forms.toml"


def load(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_an_empty_file_gives_the_defaults(file):
    assert load(file, "") == Settings()


def test_keys_override_the_defaults_and_nothing_else(file):
    text = 'layout = "line"\n[load]\nmax_megapixels = 50\n[decode]\naccept_confidence = 0.75\n'
    settings = load(file, text)
    assert settings.layout is Layout.LINE
    assert settings.load.max_megapixels == 50
    assert settings.decode.accept_confidence == 0.75
    changed = dataclasses.replace(
        Settings(),
        layout=settings.layout,
        load=settings.load,
        decode=dataclasses.replace(Settings().decode, accept_confidence=0.75),
    )
    assert settings == changed


def test_what_strings_must_be_stands_above_the_tables(file):
    text = "content = 'us-zip'\ndecimal = ','\nreader = 'strings'\n[decode]\nalternatives = 2\n"
    settings = load(file, text)
    assert (settings.pattern, settings.content) == (None, "us-zip")
    assert settings.decimal is DecimalMark.COMMA
    assert settings.reader is ReaderChoice.STRINGS
    assert load(file, r"pattern = '\d{5}'").pattern == r"\d{5}"


def test_comments_and_every_table_of_the_defaults_are_understood(file):
    tables = []
    for stage in dataclasses.fields(Settings):
        if dataclasses.is_dataclass(stage.default):
            tables.append(f"[{stage.name}]  # as it is")
            values = getattr(Settings(), stage.name)
            tables += [
                f"{key.name} = {json.dumps(getattr(values, key.name))}"
                for key in dataclasses.fields(values)
                if getattr(values, key.name) is not None  # TOML has no word for it
            ]
    assert load(file, "\n".join(tables)) == Settings()


def one_line(value) -> str:
    """A test's name from a file's text."""
    return value.strip().replace("\n", " ") if isinstance(value, str) else ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sharpen]\nfactor = 2\n", ["'sharpen'", "decode", "enhance_page", "load"]),
        ("max_megapixels = 50\n", ["'max_megapixels'"]),
        ("load = 3\n", ["'load'"]),
        ("[load]\nmax_gigapixels = 1\n", ["load.max_gigapixels", "max_megapixels"]),
        ('[load]\nmax_megapixels = "many"\n', ["load.max_megapixels", "float", "'many'"]),
        ("[load]\nmax_megapixels = true\n", ["load.max_megapixels", "True"]),
        ("[rectify]\nlong_side_px = 1500.5\n", ["rectify.long_side_px", "int"]),
        ("[rectify]\nlong_side_px = [1500]\n", ["rectify.long_side_px"]),
        ('layout = "tables"\n', ["'tables'", "auto, page, line, digit, table"]),
        ("layout = 3\n", ["layout", "3"]),
        ("pattern = 5\n", ["pattern", "str", "5"]),
        ("content = ['aba']\n", ["content", "str", "['aba']"]),
        ("[content]\nkind = 'aba'\n", ["content", "str"]),
        ("decimal = ';'\n", ["decimal", "';'", "auto, ,, ."]),
        ("decimal = true\n", ["decimal", "True"]),
        ("reader = 'all'\n", ["reader", "'all'", "both, segments, strings"]),
        ("[load]\ndecimal = ','\n", ["load.decimal"]),
        ("[layout]\nmode = 1\n", ["layout"]),
        ("[load\n", ["TOML"]),
        ("[load]\nmax_megapixels = 1\nmax_megapixels = 2\n", ["TOML"]),
        ("[load]\nmax_megapixels = 0\n", ["load.max_megapixels"]),
        ("[load]\nmax_megapixels = nan\n", ["load.max_megapixels"]),
        ("[rectify]\nlong_side_px = 3\n", ["rectify.long_side_px"]),
        ("[rectify]\nmin_crop_height_px = 500\n", ["rectify.min_crop_height_px"]),
        ("[enhance_page]\nweak_share = 0\n", ["weak_share"]),
        ("[enhance_page]\nstrong_share = 1.5\n", ["share"]),
        ("[enhance_page]\nweak_sigmas = -1\n", ["weak_sigmas"]),
        ("[field]\nline_height_px = 4\n", ["field.line_height_px"]),
        ("[segment]\nmax_atoms = 0\n", ["segment.max_atoms"]),
        ("[segment]\nmax_slant = 9\n", ["segment.max_slant"]),
        ("[decode]\naccept_confidence = 1.5\n", ["decode.accept_confidence"]),
        ('[decode]\naccept_confidence = "high"\n', ["decode.accept_confidence", "float"]),
        ("[decode]\nmax_error = 0\n", ["decode.max_error"]),
        ("[decode]\nmax_error = 1\n", ["decode.max_error"]),
        ("[decode]\nalternatives = -1\n", ["decode.alternatives"]),
    ],
    ids=one_line,
)
def test_what_cannot_be_followed_is_a_usage_error_naming_file_and_key(file, text, words):
    with pytest.raises(UsageError) as refusal:
        load(file, text)
    message = str(refusal.value)
    assert refusal.value.exit_code == ExitCode.USAGE
    assert "\n" not in message
    for word in ["forms.toml", *words]:
        assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "[enhance_page]\nwindow_frac_short = -1\n",
        "[field]\ngap_frac = -3.0\n",
        "[field]\nmax_rule_px = -5\n",
        "[segment]\nmin_cut_gap_px = -2\n",
        "[segment]\nmax_width = 0\n",
        "[rectify]\nenlarge_to_px = -640\n",
        "[cutout]\nsurer = 0.0\n",
        "[cutout]\nleast_wider = -0.1\n",
        "[fusion]\nclear_enough = -0.5\n",
    ],
    ids=one_line,
)
def test_sizes_below_zero_are_impossible_everywhere(file, text):
    with pytest.raises(UsageError, match=r"forms\.toml"):
        load(file, text)


def test_a_file_that_is_not_there_or_is_no_text_is_a_usage_error(file, tmp_path):
    with pytest.raises(UsageError, match=r"forms\.toml.*cannot be read"):
        load_settings(file)
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path)
    file.write_bytes(b"layout = '\xff\xfe'")
    with pytest.raises(UsageError, match=r"forms\.toml: not a TOML file"):
        load_settings(file)


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().decode.alternatives = 9
