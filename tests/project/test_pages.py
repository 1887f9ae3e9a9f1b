"""CONTRIBUTING.md and ARCHITECTURE.md: every file, command and link that they name is there."""

from __future__ import annotations

import re

import pytest

from tests.place import REPOSITORY

ROOMS = ("cli", "sweep", "report", "run", "steps", "target", "observe", "requirements")
PAGES = ("CONTRIBUTING.md", "ARCHITECTURE.md", "README.md")
_TOP = "conformance|features|spec|tests|docs|reference_app"
_FILE = re.compile(rf"`((?:{_TOP})/[\w./-]+)`")
# Inside a room, as a table or a list says.
_IN_A_ROOM = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+)`")
_MAKE = re.compile(r"\bmake ((?:[a-z-]+ ?)+)")
# What a recipe says to make.
_NEW = re.compile(r"(^|_)my_")


def _text(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page: str) -> None:
    text = _text(page)
    named = [REPOSITORY / name for name in _FILE.findall(text)]
    named += [REPOSITORY / "conformance" / name for name in _IN_A_ROOM.findall(text)]
    assert page == "README.md" or len(named) > 20
    assert [path for path in named if not path.exists() and not _NEW.search(path.name)] == []


def test_every_recipe_names_a_file() -> None:
    recipes = _text("CONTRIBUTING.md").partition("## Recipes")[2].split("\n### ")[1:]
    assert len(recipes) == 12
    assert [recipe.splitlines()[0] for recipe in recipes if not _FILE.search(recipe)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_make_is_there(page: str) -> None:
    makefile = _text("Makefile")
    code = "\n".join(re.findall(r"(?:^|`)(make [^`#\n]+)", _text(page), re.MULTILINE))
    names = {name for words in _MAKE.findall(code) for name in words.split()}
    assert names
    assert [name for name in names if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_map_has_every_room(room: str) -> None:
    assert f"`{room}/`" in _text("ARCHITECTURE.md")
    assert re.search(rf"^  {room}/ ", _text("README.md"), re.MULTILINE)
