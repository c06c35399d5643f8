"""Settings of every stage, with their defaults, in one tree of frozen records.

A TOML file overrides them by table and key, e.g. `[load]` / `max_megapixels = 50`; unknown keys
and impossible values are refused when the file is loaded.
"""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from ocrdigits.errors import UsageError
from ocrdigits.records import Layout, ReaderChoice
from ocrdigits.values import DecimalMark

Choice = TypeVar("Choice", bound=Enum)

UNCALIBRATED_ACCEPT = 0.9
"""What is accepted before a calibration says which confidence keeps the error."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise UsageError(message)


def _require_sizes(stage: Any) -> None:  # noqa: ANN401 - any of the records below
    """Every number of a stage is a size, a share or a count above 0."""
    for key in dataclasses.fields(stage):
        value = getattr(stage, key.name)
        _require(value is False or value > 0, f"{key.name} must be above 0")


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """Gate for files.

    Attributes:
        max_megapixels: Larger pictures are refused before they are decoded.
        max_sparse_megapixels: The same for files with less than a byte for 100 pixels, as made to
            fill the memory: photos have one for 3 to 20, blank scans are smaller than this.
    """

    max_megapixels: float = 120.0
    max_sparse_megapixels: float = 50.0

    def __post_init__(self) -> None:
        _require_sizes(self)


@dataclass(frozen=True, slots=True)
class RectifySettings:
    """From photo to upright page.

    Attributes:
        long_side_px: Pages are shrunk to this long side before they are searched.
        enlarge_to_px: Smaller pages are enlarged to this long side, at most threefold.
        min_sheet_px: Photos with a shorter side than this are not searched for a sheet or skew.
        min_skew_deg: Less skew than this is left alone …
        max_sheet_skew_deg: … and more than this where the sides of a sheet were found.
        min_crop_height_px: `line` and `digit` crops are enlarged to at least this height.
        max_crop_height_px: … and shrunk to at most this height.
    """

    long_side_px: int = 1600
    enlarge_to_px: int = 640
    min_sheet_px: int = 320
    min_skew_deg: float = 0.4
    max_sheet_skew_deg: float = 4.0
    min_crop_height_px: int = 96
    max_crop_height_px: int = 240

    def __post_init__(self) -> None:
        _require_sizes(self)
        _require(self.long_side_px >= 100, "long_side_px must be at least 100")
        _require(
            16 <= self.min_crop_height_px <= self.max_crop_height_px,
            "min_crop_height_px must be in 16 … max_crop_height_px",
        )


@dataclass(frozen=True, slots=True)
class EnhanceSettings:
    """From grey to ink.

    Attributes:
        window_frac_short: Neighbourhood for the paper, at most this share of the short side …
        window_frac_long: … and of the long side.
        weak_share: Pixels this dark, as a share of the ink around, may be ink.
        strong_share: Pixels this dark surely are.
        weak_sigmas: … and this many standard deviations of the paper's noise.
        strong_sigmas: The same for sure ink.
        floor_share: Ink fainter than this share of the page's darkest ink is not looked for.
        boxes: Whether lines are looked for that are paler than ink, and writing that is fainter
            than the lines around it: a page has boxes, a crop of one string none.
        pale_share: Straight lines of print this dark, as a share of the ink around, are seen …
        pale_run_px: … where they go on for this long.
    """

    window_frac_short: float = 0.45
    window_frac_long: float = 0.04
    weak_share: float = 0.3
    strong_share: float = 0.5
    weak_sigmas: float = 2.5
    strong_sigmas: float = 4.5
    floor_share: float = 0.3
    boxes: bool = True
    pale_share: float = 0.12
    pale_run_px: int = 18

    def __post_init__(self) -> None:
        _require_sizes(self)
        _require(
            0 < self.weak_share <= self.strong_share < 1,
            "weak_share must be in 0 … strong_share, and that below 1",
        )
        _require(
            0 < self.weak_sigmas <= self.strong_sigmas,
            "weak_sigmas must be in 0 … strong_sigmas",
        )


@dataclass(frozen=True, slots=True)
class TableSettings:
    """From page to the rules and cells of tables.

    Attributes:
        long_side_px: Photos are shrunk to this long side to look for rules.
        min_side_frac: Smaller tables, as a share of the photo's short side, are not looked for.
        max_lines: Most rules a table may have in one direction.
        sure_rule: A rule is seen along at least this share of the table …
        weak_rule: … and one that the distance of the others foretells, along this share.
        min_score: Least share of the cells' borders that are inked.
        least_row_px: Rows are straightened to at least this height …
        most_row_px: … and at most this.
        rim: Rules, and the mesh's errors, reach so far into a cell, in its lower sides.
        border: Ink on the border of what is left is a rule's if it reaches no further than this.
        least_height: Lower ink, in a cell's lower sides, is no writing.
        paper_window: Neighbourhood that tells paper from ink, in cells' lower sides.
        least_ink: Ink fainter than this share of the rules is not looked for …
        least_beside: … nor ink fainter than this share of the darkest writing in other cells.
        blank_from: A cell with ink as high as writing is blank if the readers, to whom a single
            digit rarely is a whole string, are at least so sure that it holds no number …
        stain_blank_from: … or only so sure, where its ink is paler than …
        stain_share: … this share of what is usual in the table. In 41 drawn registers five cells
            were as pale and in doubt, all of them stained and none written in.
    """

    long_side_px: int = 1280
    min_side_frac: float = 0.2
    max_lines: int = 80
    sure_rule: float = 0.5
    weak_rule: float = 0.2
    min_score: float = 0.6
    least_row_px: int = 72
    most_row_px: int = 200
    rim: float = 0.07
    border: float = 0.16
    least_height: float = 0.2
    paper_window: float = 0.7
    least_ink: float = 0.35
    least_beside: float = 0.2
    blank_from: float = 0.97
    stain_blank_from: float = 0.1
    stain_share: float = 0.4

    def __post_init__(self) -> None:
        _require_sizes(self)
        _require(self.long_side_px >= 100, "long_side_px must be at least 100")
        _require(0 < self.min_side_frac < 1, "min_side_frac must be above 0 and below 1")
        _require(
            0 < self.weak_rule <= self.sure_rule < 1,
            "weak_rule must be in 0 … sure_rule, and that below 1",
        )


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """From ink to fields.

    Attributes:
        line_height_px: Tall characters are brought to this height.
        speck_frac: `line` crops: smaller ink than this share of the height squared is dirt.
        line_margin: `line` crops: how far below the line a comma may hang, in line heights.
        rule_frac: Pages: lines longer than this share of the short side are rules …
        max_rule_px: … or than this many pixels.
        min_frame_px: Pages: smaller boxes are letters.
        max_frame_frac: Pages: boxes higher than this share of the page hold no single string.
        min_height_px: Pages: lower components are no characters.
        max_height_frac: Pages: components higher than this share of the page are none either.
        gap_frac: Pages: widest gap inside a string, in character heights.
        min_height_ratio: Pages: least ratio of the heights of neighbours in a string.
    """

    line_height_px: int = 40
    speck_frac: float = 0.0012
    line_margin: float = 0.35
    rule_frac: float = 0.3
    max_rule_px: int = 120
    min_frame_px: int = 18
    max_frame_frac: float = 0.2
    min_height_px: int = 8
    max_height_frac: float = 0.3
    gap_frac: float = 0.65
    min_height_ratio: float = 0.5

    def __post_init__(self) -> None:
        _require_sizes(self)
        _require(16 <= self.line_height_px <= 128, "line_height_px must be in 16 … 128")
        _require(self.min_height_px >= 3, "min_height_px must be at least 3")


@dataclass(frozen=True, slots=True)
class GlanceSettings:
    """Pages: from field to the fields that are no words.

    Attributes:
        least_chance: Where the network that glances at a field gives no part of it this chance to
            be a digit of a number, the field is a word …
        least_lone_chance: … or this, if the field has room for a character or two: these alone
            show little of what they are part of.
        lone_width: Widest such field, in its heights.
        seen_chance: Where it gives columns of a field this chance, a number stands that the string
            reader is shown, whatever else was found in the field …
        least_width: … if they are so wide together, in heights; they are joined …
        reach: … over so much between them, and shown with so much on either side.
    """

    least_chance: float = 0.1
    least_lone_chance: float = 0.01
    lone_width: float = 1.35
    seen_chance: float = 0.25
    least_width: float = 0.35
    reach: float = 0.35

    def __post_init__(self) -> None:
        _require(0 <= self.least_chance <= 1, "least_chance must be in 0 … 1")
        _require(0 <= self.least_lone_chance <= 1, "least_lone_chance must be in 0 … 1")
        _require(0 <= self.seen_chance <= 1, "seen_chance must be in 0 … 1")
        widths = (self.lone_width, self.least_width, self.reach)
        _require(min(widths) >= 0, "lone_width, least_width and reach must not be negative")


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """From field to lattice.

    Attributes:
        max_slant: Steepest slant that is straightened, tangent.
        max_cut_ink_px: Dearest cut, in fully inked pixels along it.
        min_cut_gap_px: Least distance between two cuts.
        max_atoms: Most atoms in one glyph.
        max_width: Widest glyph, in line heights.
        max_gap_width: Pages: the same of glyphs that a gap divides into two parts, each as tall as
            a character: 13 % of the hypotheses were wider, and 1 of 1068 digits.
        least_height: Pages: lowest glyph of several atoms, in line heights.
    """

    max_slant: float = 0.4
    max_cut_ink_px: float = 11.0
    min_cut_gap_px: int = 4
    max_atoms: int = 5
    max_width: float = 1.5
    max_gap_width: float = 0.9
    least_height: float = 0.5

    def __post_init__(self) -> None:
        _require(self.max_cut_ink_px >= 0, "max_cut_ink_px must not be negative")
        _require(self.min_cut_gap_px >= 1, "min_cut_gap_px must be at least 1")
        _require(self.max_atoms >= 1, "max_atoms must be at least 1")
        _require(self.max_width > 0, "max_width must be above 0")
        _require(0 <= self.max_slant <= 1.5, "max_slant must be in 0 … 1.5")


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """From scores to text.

    Attributes:
        max_error: Highest share of wrong readings among the accepted; the calibration knows
            which confidence keeps it.
        accept_confidence: Readings at least this sure are accepted, whatever the error; None to
            go by `max_error`.
        alternatives: How many other texts to keep.
        non_digit_odds: How many times more often a hypothesis of a lattice is no digit than the
            network expects of a single cell …
        page_non_digit_odds: … and on pages, where much of the ink is letters.
        least_digit: A glyph is no digit that the network finds less likely than this: it may be a
            sign that looks like several.
        answer_weight: What the log probability of a digit counts for …
        doubt_weight: … and that of "not a digit", against it …
        comb_doubt_weight: … which is more in combs, whose cells cut for it.
        digit_cost: What every digit costs, log odds as all that follow …
        one_cost: … and a 1 more, which half a digit is easily taken for …
        stroke_cost: … what a cut through a stroke costs on either side of it …
        gap_cost: … what a gap within it costs (a thin joint less) …
        hang_cost: … how far its top is below that of its line, in line heights …
        width_cost: … and how much wider it is than most digits, in line heights.
        skip_cost: What it costs to leave ink unread: the geometric mean of its box's sides, in line
            heights.
        least_slash_lean: A straight stroke that leans this far beyond its string (tangent) may be
            a slash …
        slash_score: … and this is what it is worth as one, log odds.
        word_gap_ratio: Pages: what separates words, in usual gaps between the line's characters …
        min_word_gap: … but at least so much, in line heights …
        max_word_gap: … and at most so much.
        min_string_gap: Pages: least distance between a string and ink that is no digit, in line
            heights.
        min_digit_confidence: Pages: least probability of each digit.
        min_mean_confidence: Pages: least geometric mean of a string's digits.
        min_single_confidence: Pages: the same where there is only one digit.
    """

    max_error: float = 0.01
    accept_confidence: float | None = None
    alternatives: int = 4
    non_digit_odds: float = 4.0
    page_non_digit_odds: float = 160.0
    least_digit: float = 0.15
    answer_weight: float = 1.3
    doubt_weight: float = 0.44
    comb_doubt_weight: float = 1.0
    digit_cost: float = 1.95
    one_cost: float = 0.85
    stroke_cost: float = 0.52
    gap_cost: float = 2.2
    hang_cost: float = 3.1
    width_cost: float = 2.1
    skip_cost: float = 6.0
    least_slash_lean: float = 0.35
    slash_score: float = 3.25
    word_gap_ratio: float = 2.5
    min_word_gap: float = 0.25
    max_word_gap: float = 0.5
    min_string_gap: float = 0.2
    min_digit_confidence: float = 0.2
    min_mean_confidence: float = 0.35
    min_single_confidence: float = 0.7

    def __post_init__(self) -> None:
        _require(0 < self.max_error < 1, "max_error must be above 0 and below 1")
        accept = self.accept_confidence
        _require(accept is None or 0 <= accept <= 1, "accept_confidence must be in 0 … 1")
        _require(self.alternatives >= 0, "alternatives must not be negative")


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """From what both readers say to one text.

    Attributes:
        segments_weight: What the segments reader's log-probability counts for beside the string
            reader's …
        edge_segments_weight: … in crops cut so tightly, or with so much ink beside what was read,
            that the other may overlook a digit at the edge …
        page_segments_weight: … and on pages, where it takes much for digits that is none …
        comb_segments_weight: … but not in combs, whose cells cut for it. Of 518 combs of drawn
            envelopes 482 were accepted by this, 468 by 0.75, two and one of them wrong …
        digit_segments_weight: … and in cells of tables with one digit, which it sees as a whole:
            of 3,240 such cells with digits that trained nothing 120 were misread instead of 133.
        plain_share: What the plain look at a crop counts for beside the other.
        sure_looks: Crops of one string: if both looks give the same digits and these have at least
            this probability, the segments reader is not asked.
        clear_enough: Crops, as they are cut and with paper around them: where neither is sure, the
            clearer one is read, and the other one as well if that leaves less than this.
        lean_below: Crops, small pictures and cells: what is less likely than this is read once
            more from lines that lean …
        lean: … by so many pixels to either side for each pixel up. Of 534 logbook cells held out
            97.2 % were read instead of 96.8 %, of 417 register cells 93.8 % instead of 93.0 %; on
            whole pages nothing came of it.
        least_share: No text counts for less than this share to the segments reader.
        crop_empty_share: Crops, in which somebody says that there is a number: what speaks for
            none counts for this share, and only leaves a doubt. Of 250 pieces of drawn pages
            without a number 15 were accepted as one without this doubt, one is with it.
        candidates: Texts taken from the string reader …
        proposals: … and from the segments reader, where the other has not thought of them.
        close_share: A text that satisfies the constraint wins over a better one that does not if
            it has at least this share of its probability.
        page_non_digit_odds: Pages: as in `decode`, where the string reader has the last word …
        min_digit_confidence: … as are these: what the segments reader must make of a place …
        min_mean_confidence: … for the string reader …
        min_single_confidence: … to be asked.
        max_silent_width: Pages: fields at most this wide, in their heights, are shown to the string
            reader even if the segments reader sees no number in them.
        max_beside: Pages: the string reader sees a whole field if no more than this, in heights of
            its string, stands on either side of the string.
        min_confidence: Pages: what is less likely to be read rightly, here what is more likely
            wrong, is left out …
        min_comb_confidence: … in combs, whose cells speak for a number, what is less likely than
            this …
        min_posterior: … unless the readers make at least so much of it …
        least_confidence: … it is at least so likely, and likely to be a number at all
            (`NumberSettings.sure_chance`).
        least_posterior: Pages: what the readers themselves hold to be more likely wrong is left
            out; of 268 drawn pages it was wrong both times.
        lone_confidence: Small pictures (`RectifySettings.min_sheet_px`) without a number: what
            comes closest to one stays if it is at least so sure.
    """

    segments_weight: float = 0.3
    edge_segments_weight: float = 0.8
    page_segments_weight: float = 0.5
    comb_segments_weight: float = 1.0
    digit_segments_weight: float = 1.0
    plain_share: float = 0.65
    sure_looks: float = 0.995
    clear_enough: float = 0.9
    lean_below: float = 0.999
    lean: float = 0.18
    least_share: float = 1e-3
    crop_empty_share: float = 0.03
    candidates: int = 6
    proposals: int = 1
    close_share: float = 0.01
    page_non_digit_odds: float = 4.0
    min_digit_confidence: float = 0.02
    min_mean_confidence: float = 0.1
    min_single_confidence: float = 0.1
    max_silent_width: float = 14.0
    max_beside: float = 0.7
    min_confidence: float = 0.5
    min_comb_confidence: float = 0.4
    min_posterior: float = 0.65
    least_posterior: float = 0.5
    least_confidence: float = 0.2
    lone_confidence: float = 0.15

    def __post_init__(self) -> None:
        weights = (
            self.segments_weight,
            self.edge_segments_weight,
            self.page_segments_weight,
            self.comb_segments_weight,
            self.digit_segments_weight,
        )
        _require(min(weights) >= 0, "segments_weight must not be negative")
        _require(0 <= self.plain_share <= 1, "plain_share must be in 0 … 1")
        _require(self.sure_looks > 0, "sure_looks must be above 0")
        _require(self.clear_enough >= 0, "clear_enough must not be negative")
        _require(0 < self.lean < 1, "lean must be above 0 and below 1")
        _require(0 < self.least_share < 1, "least_share must be above 0 and below 1")
        _require(0 <= self.crop_empty_share < 1, "crop_empty_share must be in 0 … 1, not 1")
        _require(self.candidates >= 1, "candidates must be at least 1")
        _require(self.proposals >= 0, "proposals must not be negative")
        _require(0 <= self.close_share <= 1, "close_share must be in 0 … 1")


@dataclass(frozen=True, slots=True)
class NumberSettings:
    """What makes it likely that a reading of a page is one of a number, not of letters.

    Log odds that `benchmarks/number_chance.py` fitted on drawn pages, and refits for other
    networks; they ask nothing of the calibration.

    Attributes:
        bias: Where nothing else speaks.
        posterior: What the log odds of the posterior count for …
        weakest: … and those of the weakest digit.
        agreed: What it counts that both readers agree.
        digits: What the logarithm of the number of digits counts for.
        only_01: What it counts that all digits are 0 or 1, as letters o and l are read.
        letters_beside: What letters on its line count for, `Standing.letters_beside` …
        letters_elsewhere: … and words on the rest of the page …
        height: … and its height beside the page's lines …
        share: … and how much of its writing it is …
        column: … and likely numbers in its column, `Standing.column` …
        walls: … and each upright rule near its sides.
        least_chance: Pages: what is less likely to be a number is left out.
        sure_chance: What is so likely to be a number stays although its digits are in doubt
            (`FusionSettings.min_posterior`). Of 2,498 numbers read rightly on 268 drawn pages 2,456
            stay instead of 2,445, with 121 misread ones instead of 116, and 13 that are none
            instead of 15. With a posterior of 0.5 there are 11 more, and 12 more misread.
    """

    bias: float = -0.41
    posterior: float = 0.65
    weakest: float = 0.4
    agreed: float = 0.12
    digits: float = 3.29
    only_01: float = -0.66
    letters_beside: float = -1.43
    letters_elsewhere: float = -1.29
    height: float = 0.19
    share: float = -0.63
    column: float = 1.14
    walls: float = 0.53
    least_chance: float = 0.6
    sure_chance: float = 0.9

    def __post_init__(self) -> None:
        _require(0 <= self.least_chance < 1, "least_chance must be in 0 … 1")
        _require(0 <= self.sure_chance <= 1, "sure_chance must be in 0 … 1")


@dataclass(frozen=True, slots=True)
class CutoutSettings:
    """How a picture is read that somebody may have cut out, if nobody said what it shows.

    It is read as one line first, and where that leaves a doubt with paper around it and as a page.
    Of cut-outs held out, 97 % of 534 logbook cells were read (78 % where the ink alone told lines
    from pages), 96 % of 286 numbers cut from drawn pages (73 %), and as many of 417 register
    cells, of which 63 % were accepted instead of 50 %.

    Attributes:
        least_fill: Of pictures with a shorter side of `RectifySettings.min_sheet_px` or more, only
            those whose line has digits of this share of their height are read so. Of 250 logbook
            cells enlarged to 330 to 630 pixels 238 are read, 157 were where the ink alone told
            lines from pages; of 60 enlarged to 3,600 pixels 60, and 31.
        max_side_px: These are shrunk to this long side first.
        least_chance: A line must be a number to the string reader with this probability …
        least_lone_chance: … or with this one, where somebody says that the picture is a page, and
            hardly a number was found there. Of 313 numbers cut from drawn pages 257 are read so
            instead of 24, and 250 pieces without a digit give 112 doubtful ones instead of 107.
        least_confidence: Where the string reader sees a number in the line with a probability of
            less than `least_page_chance`, strings of the page must be at least so sure.
        least_page_chance: See there.
        least_gap: Lines: digits farther apart than this, in their heights …
        least_wider: … and than other digits of the line by this, are two numbers'.
    """

    least_fill: float = 0.2
    max_side_px: int = 1000
    least_chance: float = 0.5
    least_lone_chance: float = 0.95
    least_confidence: float = 0.5
    least_page_chance: float = 0.1
    least_gap: float = 0.8
    least_wider: float = 0.55

    def __post_init__(self) -> None:
        chances = (
            self.least_chance,
            self.least_lone_chance,
            self.least_page_chance,
            self.least_confidence,
        )
        _require(0 <= min(chances) <= max(chances) <= 1, "chances of a cut-out must be in 0 … 1")
        _require(self.least_fill >= 0, "least_fill must not be negative")
        _require(self.least_gap > 0, "least_gap must be above 0")
        _require(self.least_wider >= 0, "least_wider must not be negative")


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """From a photo of a form to the places of its fields.

    Attributes:
        long_side_px: Photo and reference picture are compared at this long side …
        retry_long_side_px: … and the photo at this one where the form is small in it.
        features: How many features of each picture are compared.
        ratio: A feature's best counterpart is at most this far off, against the second best.
        min_matches: Fewer counterparts than this tell nothing.
        corners: How many corners of the print are looked for in the photo.
        min_agreeing_share: This share of them must be there …
        min_agreeing: … and at least so many.
        min_near_share: A field is looked for where this share of the corners around it is there.
    """

    long_side_px: int = 1000
    retry_long_side_px: int = 2000
    features: int = 2000
    ratio: float = 0.8
    min_matches: int = 10
    corners: int = 300
    min_agreeing_share: float = 0.3
    min_agreeing: int = 16
    min_near_share: float = 0.2

    def __post_init__(self) -> None:
        _require_sizes(self)
        _require(self.long_side_px >= 200, "long_side_px must be at least 200")
        _require(self.ratio < 1, "ratio must be below 1")
        shares = (self.min_agreeing_share, self.min_near_share)
        _require(max(shares) < 1, "min_agreeing_share and min_near_share must be below 1")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one reading.

    Attributes:
        layout: What the image shows.
        reader: Which readers are asked.
        pattern: Regular expression that every text must match as a whole, or …
        content: … the name of a kind of number, from `constraint.CONTENTS`; not both.
        decimal: What a separator means where a text could be two numbers.
    """

    layout: Layout = Layout.AUTO
    reader: ReaderChoice = ReaderChoice.BOTH
    pattern: str | None = None
    content: str | None = None
    decimal: DecimalMark = DecimalMark.AUTO
    load: LoadSettings = LoadSettings()
    rectify: RectifySettings = RectifySettings()
    enhance_page: EnhanceSettings = EnhanceSettings()
    enhance_crop: EnhanceSettings = EnhanceSettings(
        window_frac_short=0.65,
        window_frac_long=0.65,
        weak_share=0.27,
        strong_share=0.42,
        boxes=False,
    )
    field: FieldSettings = FieldSettings()
    table: TableSettings = TableSettings()
    glance: GlanceSettings = GlanceSettings()
    segment: SegmentSettings = SegmentSettings()
    decode: DecodeSettings = DecodeSettings()
    fusion: FusionSettings = FusionSettings()
    number: NumberSettings = NumberSettings()
    cutout: CutoutSettings = CutoutSettings()
    register: RegisterSettings = RegisterSettings()

    def enhance_for(self, layout: Layout) -> EnhanceSettings:
        """Crops of one string or digit have thresholds of their own."""
        is_crop = layout in (Layout.LINE, Layout.DIGIT)
        return self.enhance_crop if is_crop else self.enhance_page


def load_settings(path: Path) -> Settings:
    """Read settings from a TOML file.

    Args:
        path: File with keys and tables named like the fields of `Settings`.

    Returns:
        The defaults, overridden by the file.

    Raises:
        UsageError: If the file cannot be read, or has unknown keys or impossible values.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: settings cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file ({error}); see the README") from error
    settings = Settings(
        layout=_pop_choice(tables, "layout", Layout.AUTO, path),
        reader=_pop_choice(tables, "reader", ReaderChoice.BOTH, path),
        pattern=_pop_text(tables, "pattern", path),
        content=_pop_text(tables, "content", path),
        decimal=_pop_choice(tables, "decimal", DecimalMark.AUTO, path),
    )
    for name, table in tables.items():
        settings = _override(settings, name, table, path)
    return settings


def _pop_choice(tables: dict[str, Any], key: str, default: Choice, path: Path) -> Choice:
    value = tables.pop(key, default.value)
    try:
        return type(default)(value)
    except ValueError:
        choices = ", ".join(choice.value for choice in type(default))
        raise UsageError(f"{path}: {key} {value!r} is not one of {choices}") from None


def _pop_text(tables: dict[str, Any], key: str, path: Path) -> str | None:
    value: str | None = tables.pop(key, None)
    if value is not None:
        _require_type(f"{path}: {key}", value, str)
    return value


def _override(settings: Settings, name: str, table: Any, path: Path) -> Settings:  # noqa: ANN401
    stages = {f.name for f in dataclasses.fields(Settings) if dataclasses.is_dataclass(f.default)}
    if name not in stages or not isinstance(table, dict):
        raise UsageError(f"{path}: unknown table {name!r}; known: {', '.join(sorted(stages))}")
    stage = getattr(settings, name)
    known = get_type_hints(type(stage))
    for key, value in table.items():
        if key not in known:
            raise UsageError(f"{path}: unknown key {name}.{key}; known: {', '.join(sorted(known))}")
        _require_type(f"{path}: {name}.{key}", value, known[key])
    try:
        return dataclasses.replace(settings, **{name: dataclasses.replace(stage, **table)})
    except UsageError as error:
        raise UsageError(f"{path}: {name}.{error}") from None


def _require_type(place: str, value: object, hint: Any) -> None:  # noqa: ANN401
    kinds = {kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)}
    if float in kinds:
        kinds.add(int)
    if type(value) not in kinds:
        wanted = " or ".join(sorted(kind.__name__ for kind in kinds - {int} or kinds))
        raise UsageError(f"{place} must be a {wanted}, not {value!r}")
