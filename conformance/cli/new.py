"""`magic-link-conformance new`: a spec to fill in, its features and its OpenAPI stub."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.cli.spec_files import given_spec
from conformance.outcomes import UsageError
from conformance.report.safe_text import terminal
from conformance.requirements.skeleton.features import features_of
from conformance.requirements.skeleton.openapi import openapi_of
from conformance.requirements.skeleton.spec import spec_of
from conformance.requirements.spec_forms.forms import read_spec
from conformance.requirements.spec_forms.model import Spec


@click.command()
@click.argument("folder", type=given_path, metavar="[NAME]", required=False)
@click.option(
    "--from", "source", type=given_path, metavar="SPEC", help="Write what belongs to this spec."
)
def command(folder: Path | None, source: Path | None) -> None:
    """Write a spec to fill in, a scenario for each of its criteria, and an OpenAPI stub.

    NAME is the folder to write into and names the feature: password-reset, specs/password-reset.
    With --from, the scenarios and the stub are those of an existing spec, in any of the forms that
    `lint` reads, and they are written beside it unless NAME is given. Nothing is overwritten.
    """
    if source is not None:
        here = folder or (Path() if source == Path("-") else source.parent)
        _write(here, _belonging_to(given_spec(source), source))
    elif folder is None:
        raise UsageError("name the feature: new password-reset")
    else:
        text = spec_of(folder.resolve().name)
        _write(folder, {"spec.md": text, **_belonging_to(read_spec(text), folder)})
        spec = folder / "spec.md"
        click.echo(terminal(f"Fill in what is TBD, then: magic-link-conformance lint {spec}"))


def _belonging_to(spec: Spec, source: Path) -> dict[str, str]:
    """Return the features and the OpenAPI stub of a spec, by their paths in its folder."""
    features = features_of(spec)
    if not features:
        raise UsageError(f"{source}: there is no acceptance criterion to write a scenario for")
    found = {f"features/{name}": text for name, text in features.items()}
    return found | {"openapi.yaml": openapi_of(spec)}


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write files into a folder. Raises `UsageError` when one of them is there already."""
    there = [str(folder / name) for name in texts if (folder / name).exists()]
    if there:
        verb = "exists" if len(there) == 1 else "exist"
        raise UsageError(f"{', '.join(there)} already {verb}: nothing was written")
    for name, text in texts.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        click.echo(terminal(f"wrote {path}"))
