"""`magic-link-conformance brief`: what an agent needs before it builds, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

import click

from conformance.cli.init import service_kinds, template
from conformance.cli.parameters import given_path
from conformance.cli.project_brief import project_brief
from conformance.cli.spec_files import write_text
from conformance.outcomes import ExitCode, UsageError
from conformance.report.safe_text import fenced
from conformance.report.site.glossary import OUTCOMES
from conformance.report.wording import EXIT_MEANING, ids_in_words
from conformance.requirements.facts import ids_of_slice
from conformance.requirements.magic_link import SLICES
from conformance.requirements.resources import features_dir, spec_dir
from conformance.requirements.specification import load_specification

_TEXT = Path(__file__).with_name("brief.md")
_DEFAULT_KIND = "express"


@click.command()
@click.argument("spec", type=given_path, metavar="[SPEC]", required=False)
@service_kinds
@click.option("--slice", type=click.Choice(sorted(SLICES)), help="Build only this part at first.")
@click.option("--features", type=given_path, metavar="DIR", help="The scenarios of SPEC.")
@click.option("--openapi", type=given_path, metavar="FILE", help="The OpenAPI document of SPEC.")
@click.option("--out", type=given_path, metavar="FILE", help="Write it to this file.")
def command(
    spec: Path | None,
    kind: str | None,
    slice: str | None,  # noqa: A002
    features: Path | None,
    openapi: Path | None,
    out: Path | None,
) -> None:
    """Print what an agent needs before it builds: spec, features, judgement, description.

    The description is the one for --express unless another kind is named. With SPEC, which may be
    in any of the forms that `lint` reads, it is the brief of another feature: the spec, its
    scenarios and its OpenAPI document, and what is undecided.
    """
    if spec is None:
        if features or openapi:
            raise UsageError("name the spec: brief SPEC --features DIR")
        text = brief(kind or _DEFAULT_KIND, slice)
    elif kind or slice:
        given = f"--{kind}" if kind else "--slice"
        raise UsageError(f"{given} belongs to magic-link login: leave it out, or SPEC")
    else:
        text = project_brief(spec, features, openapi)
    if out is None:
        click.echo(text, nl=False)
        return
    write_text(out, text)
    click.echo(f"{out} is written: {len(text):,} characters.")


def brief(kind: str = _DEFAULT_KIND, slice_: str | None = None) -> str:
    """Return the document.

    `kind` says which target description it holds (see `init`), `slice_` which part of the service
    is to be built first.
    """
    gate = load_specification().gate
    return Template(_TEXT.read_text(encoding="utf-8")).substitute(
        first=_first(slice_) if slice_ else "",
        options=f" --slice {slice_}" if slice_ else "",
        gate=ids_in_words(set(gate) & set(ids_of_slice(slice_)) if slice_ else gate),
        outcomes=_list(f"`{outcome}`: {meaning}" for outcome, meaning in OUTCOMES.items()),
        exit_codes=_list(f"{code.value}: {EXIT_MEANING[code]}" for code in ExitCode),
        description=_block(template(kind), "toml"),
        sources="\n\n".join(_sources()),
    )


def _first(slice_: str) -> str:
    absent = " and ".join(f"`POST {route}`" for route in sorted(SLICES[slice_]))
    ids = ids_in_words(ids_of_slice(slice_))
    return (
        f"\n**Build only a part now**: everything but {absent}, with its migration, its tests and "
        f"nothing left for later. It is judged by {ids}; every other requirement is\n"
        "`inapplicable` until the rest is there. Where the specification makes you guess, say so: "
        "each guess is a gap to be closed in it.\n"
    )


def _sources() -> Iterator[str]:
    spec = spec_dir()
    yield f"# The specification\n\n{_text(spec / 'magic-link.md')}"
    yield f"# The OpenAPI document\n\n{_block(_text(spec / 'openapi.yaml'), 'yaml')}"
    yield f"# The ledger\n\n{_text(spec / 'ledger.md')}"
    yield "# The features"
    for path in sorted(features_dir().glob("*.feature")):
        yield f"`features/{path.name}`:\n\n{_block(_text(path), 'gherkin')}"


def _list(entries: Iterable[str]) -> str:
    return "\n".join(f"- {entry}" for entry in entries)


def _block(text: str, language: str) -> str:
    return "\n".join(fenced(text.strip().splitlines(), language))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
