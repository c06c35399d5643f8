"""Photos and what earlier parts hold in, the parts of this job out.

A part is a file of results, `part-000017-0f3a….csv`, that holds some photos in their order; all
parts in the order of their names hold all photos. The name ends in a digest of the setup and of its
photos with their sizes and versions, so a part of other photos never takes its place. Beside it,
`_state/NAME.json` says what it holds, photo by photo; it is written last, and a part without it, or
of another size than it says, does not count.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocrdigits.batch.cluster.listing import Listed
from ocrdigits.batch.cluster.place import Place
from ocrdigits.batch.records import Counts, Status

_STATE = "_state/"
_NAME = re.compile(r"part-\d{6,}-[0-9a-f]{16}\.([a-z]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a part holds a photo's results.

    Attributes:
        part: The part's name.
        start: Of the results within it: bytes, or rows of Parquet …
        size: … and how many.
    """

    part: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a part says of a photo.

    Attributes:
        path: The photo's, relative to its place.
        stamp: What it was when it was read.
        status: How its reading ended.
        accepted: Its strings that need no check …
        to_review: … and those that do.
        piece: Where its results are.
    """

    path: str
    stamp: str
    status: Status
    accepted: int
    to_review: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class Part:
    """A part to write.

    Attributes:
        name: Of its file.
        photos: What it holds, in order.
        held: Photo's path → what an earlier part holds of it; the others are to be read.
    """

    name: str
    photos: tuple[Listed, ...]
    held: Mapping[str, Held]

    def to_json(self) -> str:
        """As text, to travel to a machine of the cluster."""
        photos = [[it.path, it.stamp, it.error] for it in self.photos]
        held = [
            [*_facts_of(it), it.piece.part, it.piece.start, it.piece.size]
            for it in self.held.values()
        ]
        return json.dumps({"name": self.name, "photos": photos, "held": held})

    @classmethod
    def from_json(cls, text: str) -> Part:
        """The inverse of `to_json`."""
        facts = json.loads(text)
        photos = tuple(Listed(*photo) for photo in facts["photos"])
        held = [_held(row[:-3], Piece(*row[-3:])) for row in facts["held"]]
        return cls(facts["name"], photos, {it.path: it for it in held})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    Attributes:
        to_write: Parts that are missing.
        there: What the other parts hold, all in order.
        names: Of all parts that belong to the results.
    """

    to_write: tuple[Part, ...]
    there: tuple[Held, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameRule:
    """How parts are named.

    Attributes:
        digest: Of the setup.
        suffix: `csv`, `jsonl` or `parquet`.
        part_size: Photos a part.
    """

    digest: str
    suffix: str
    part_size: int

    def __call__(self, index: int, photos: Iterable[Listed]) -> str:
        """The name of the part of these photos."""
        facts = [self.digest, [(it.path, it.stamp, it.error) for it in photos]]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
        return f"part-{index:06d}-{key}.{self.suffix}"


def plan_parts(
    listed: Sequence[Listed],
    earlier: Mapping[str, Sequence[Held]],
    name_of: NameRule,
    *,
    retry_failed: bool = False,
) -> Plan:
    """Divide photos into parts.

    Args:
        listed: All of them, in order.
        earlier: Part's name → what it holds, for parts of this setup and format.
        name_of: Names parts.
        retry_failed: Whether photos that failed are read again.

    Returns:
        What is to be done; photos that any earlier part holds are not read again.
    """
    known = {
        held.path: held
        for part in earlier.values()
        for held in part
        if not (retry_failed and held.status is not Status.READ)
    }
    to_write: list[Part] = []
    there: list[Held] = []
    names = set()
    for index, start in enumerate(range(0, len(listed), name_of.part_size)):
        photos = tuple(listed[start : start + name_of.part_size])
        name = name_of(index, photos)
        names.add(name)
        held = {it.path: known[it.path] for it in photos if _is_known(it, known)}
        if name in earlier and len(held) == len(photos):
            there.extend(earlier[name])
        else:
            to_write.append(Part(name, photos, held))
    return Plan(tuple(to_write), tuple(there), frozenset(names))


def _is_known(photo: Listed, known: Mapping[str, Held]) -> bool:
    return photo.path in known and known[photo.path].stamp == photo.stamp


def find_parts(output: Place, digest: str, suffix: str) -> tuple[dict[str, list[Held]], list[str]]:
    """Look at the parts that are there.

    Args:
        output: Where.
        digest: Of the setup whose parts count.
        suffix: Of the format whose parts count.

    Returns:
        Part's name → what it holds, for whole parts of this setup; and the names of all other
        parts of this format.

    Raises:
        OutputError: If they cannot be read.
    """
    sizes = {entry.path: entry.size for entry in output.entries()}
    names = [name for name in sizes if (it := _NAME.fullmatch(name)) and it[1] == suffix]
    found: dict[str, list[Held]] = {}
    for name in names:
        if state_name(name) in sizes:
            state = json.loads(output.read(state_name(name)))
            if state["setup"] == digest and state["bytes"] == sizes[name]:
                found[name] = _held_of(name, state)
    return found, [name for name in names if name not in found]


def count_held(held: Iterable[Held]) -> Counts:
    """How many photos parts hold, and how their readings ended."""
    every = list(held)
    statuses = Counter(it.status for it in every)
    read, defects = statuses[Status.READ], statuses[Status.DEFECT]
    return Counts(
        photos=len(every),
        read=read,
        refused=len(every) - read - defects,
        defects=defects,
        accepted=sum(it.accepted for it in every),
        to_review=sum(it.to_review for it in every),
    )


def state_name(part: str) -> str:
    """The name of the file that says what a part holds."""
    return f"{_STATE}{part}.json"


def setup_name() -> str:
    """The name of the file that says what the parts were read with."""
    return f"{_STATE}setup.json"


def state_of(digest: str, byte_count: int, header: int, held: Iterable[Held]) -> bytes:
    """The content of that file.

    Args:
        digest: Of the setup.
        byte_count: Size of the part.
        header: Where its first photo's results start.
        held: Its photos, in order, their pieces without gaps.
    """
    photos = [[*_facts_of(it), it.piece.size] for it in held]
    facts = {"setup": digest, "bytes": byte_count, "header": header, "photos": photos}
    return json.dumps(facts).encode()


def _held_of(name: str, state: Mapping[str, Any]) -> list[Held]:
    held, start = [], state["header"]
    for *facts, size in state["photos"]:
        held.append(_held(facts, Piece(name, start, size)))
        start += size
    return held


def _facts_of(held: Held) -> tuple[str, str, str, int, int]:
    return held.path, held.stamp, held.status.value, held.accepted, held.to_review


def _held(facts: Sequence[Any], piece: Piece) -> Held:
    path, stamp, status, accepted, to_review = facts
    return Held(path, stamp, Status(status), accepted, to_review, piece)
