"""Where everything of a sequence diagram stands, in pixels, for a wide and for a narrow screen.

Text is set at its final size and wrapped here, so that it is as large on a phone as elsewhere.
The widths of letters are estimates on the safe side: the fonts are the reader's.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from conformance.report.site.sequence import Fragment, Message, Sequence

_HEAD = 40  # height of a participant's box
_LINE = 17  # from one line of text to the next
_LETTER = 6.9  # width of a letter of the text
_CODE_LETTER = 7.6  # width of a letter of code
_HEAD_LETTER = 7.9  # width of a letter of a participant's name
_LEAST_ROOM = 250  # for the text of a message, whatever the length of its arrow
_ABOVE_TEXT, _ABOVE_ARROW, _BELOW_ARROW = 14, 9, 8
_NUMBER = 10  # radius of the numbered disc at an arrow's tail


@dataclass(frozen=True)
class Layout:
    """A width in pixels, and how things are put into it.

    `indent` is how far a fragment in a fragment stands in on either side; `stacked` says whether
    names of two words take two lines.
    """

    name: str
    width: int
    indent: int
    stacked: bool


WIDE = Layout("wide", 720, indent=10, stacked=False)
NARROW = Layout("narrow", 350, indent=5, stacked=True)


@dataclass(frozen=True)
class Head:
    """A participant: its name in lines, its lifeline, the width of the box around the name."""

    lines: tuple[str, ...]
    x: float
    width: float


@dataclass(frozen=True)
class TextLine:
    """A line of text from `x` on; `kind` is code, told or ids."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class Arrow:
    """A message's arrow, its number and its lines of text."""

    number: int
    tail: float
    tip: float
    y: float
    answer: bool
    lines: tuple[TextLine, ...]


@dataclass(frozen=True)
class Frame:
    """The box around a fragment."""

    x: float
    y: float
    width: float
    height: float
    condition: str


@dataclass
class Drawing:
    """A whole diagram; lifelines go from `HEAD` to `foot`."""

    layout: Layout
    heads: list[Head]
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    height: float = 0.0
    head_height: int = _HEAD


def draw(sequence: Sequence, layout: Layout) -> Drawing:
    """Return a sequence's diagram for a layout."""
    return _Pen(sequence, layout).drawing


class _Pen:
    def __init__(self, sequence: Sequence, layout: Layout) -> None:
        heads = _heads(sequence, layout)
        self._layout = layout
        self._at = {name: head.x for name, head in zip(sequence.participants, heads, strict=True)}
        self._y = float(_HEAD + 6)
        self.drawing = Drawing(layout, heads)
        for part in sequence.parts:
            self._part(part, 0)
        self.drawing.height = self._y + 16

    def _part(self, part: Message | Fragment, depth: int) -> None:
        if isinstance(part, Message):
            self._message(part, depth)
        else:
            self._fragment(part, depth)

    def _message(self, message: Message, depth: int) -> None:
        tail, tip = self._at[message.sender], self._at[message.receiver]
        left = min(tail, tip) + (_NUMBER + 5 if tail < tip else 8)
        to_the_edge = self._layout.width - 4 - self._layout.indent * depth - left
        room = min(to_the_edge, max(abs(tip - tail) - 24, _LEAST_ROOM))
        lines = _wrapped(message, room)
        self._y += _ABOVE_TEXT
        placed = []
        for kind, text in lines:
            self._y += _LINE
            placed.append(TextLine(left, self._y - 3, text, kind))
        self._y += _ABOVE_ARROW
        number = len(self.drawing.arrows) + 1
        self.drawing.arrows.append(Arrow(number, tail, tip, self._y, message.answer, tuple(placed)))
        self._y += _BELOW_ARROW

    def _fragment(self, fragment: Fragment, depth: int) -> None:
        self._y += 14
        top = self._y
        self._y += 20
        place = len(self.drawing.frames)
        for part in fragment.parts:
            self._part(part, depth + 1)
        self._y += 8
        inset = 1 + self._layout.indent * depth
        frame = Frame(
            x=inset,
            y=top,
            width=self._layout.width - 2 * inset,
            height=self._y - top,
            condition=fragment.condition,
        )
        # Outer frames first: later ones are drawn over them.
        self.drawing.frames.insert(place, frame)


def _heads(sequence: Sequence, layout: Layout) -> list[Head]:
    """Return the participants, their lifelines as far apart as the boxes at the edges allow."""
    names = [tuple(name.split()) if layout.stacked else (name,) for name in sequence.participants]
    widths = [max(len(line) for line in lines) * _HEAD_LETTER + 10 for lines in names]
    first, last = widths[0] / 2 + 1, layout.width - widths[-1] / 2 - 1
    step = (last - first) / (len(names) - 1)
    return [
        Head(lines, first + step * index, width)
        for index, (lines, width) in enumerate(zip(names, widths, strict=True))
    ]


def _wrapped(message: Message, room: float) -> list[tuple[str, str]]:
    told = textwrap.wrap(message.told.replace("`", ""), int(room / _LETTER))
    ids = textwrap.wrap(", ".join(message.ids), int(room / _LETTER))
    code = textwrap.wrap(message.code, int(room / _CODE_LETTER), break_long_words=False)
    return [
        *(("code", line) for line in code),
        *(("told", line) for line in told),
        *(("ids", line) for line in ids),
    ]
