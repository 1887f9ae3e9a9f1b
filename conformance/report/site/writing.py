"""The pages: what is gathered for each, rendering, and writing them into a directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.outcomes import UsageError
from conformance.report.files import write_whole
from conformance.report.model import Report
from conformance.report.pages.shell import render
from conformance.report.site import glossary
from conformance.report.site.content import Content, gather
from conformance.report.site.project import gather_project
from conformance.report.site.prose import LEDGER_PAGE, REQUIREMENTS_PAGE
from conformance.requirements.openapi import openapi_document
from conformance.requirements.spec_forms.model import Spec

OVERVIEW_PAGE, FEATURES_PAGE, GLOSSARY_PAGE = "index.html", "features.html", "glossary.html"
_STYLE = "docs/docs.css"
# Stands in every page: by it an older page of ours is known, and may be overwritten.
_MARK = "<!-- magic-link-conformance docs -->"


@dataclass(frozen=True)
class Page:
    """A page; `file` is its name in the directory, `template` extends `docs/page.html`.

    `title` is short, for the navigation. Its template finds `context` as `given`.
    `styles` are further assets.
    """

    file: str
    title: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    styles: tuple[str, ...] = ()


def own_pages() -> list[Page]:
    """Return the pages that there always are, in the order of the navigation."""
    overview = {"paths": openapi_document()["paths"]}
    return [
        Page(OVERVIEW_PAGE, "Overview", "docs/overview.html", overview),
        Page(REQUIREMENTS_PAGE, "Requirements", "docs/requirements.html"),
        Page(FEATURES_PAGE, "Features", "docs/features.html"),
        Page(LEDGER_PAGE, "Ledger", "docs/ledger.html"),
        Page(GLOSSARY_PAGE, "Glossary", "docs/glossary.html", {"glossary": glossary}),
    ]


def render_docs(report: Report | None = None, extra: Sequence[Page] = ()) -> dict[str, str]:
    """Return every page by its file's name; `extra` pages come last in the navigation.

    Links between the pages are
    relative, so that they can lie anywhere.
    """
    content = gather(report)
    pages = [*own_pages(), *extra]
    return {page.file: _rendered(page, pages, content) for page in pages}


def write_docs(
    out: Path, report: Report | None = None, extra: Sequence[Page] = ()
) -> tuple[Path, ...]:
    """Write every page into a directory, which is made when it is not there; return the files.

    Older pages of ours are overwritten, other files are left alone. Raises `UsageError`
    when one of them is in the way, or when the directory cannot be written.
    """
    return _write(out, render_docs(report, extra))


def write_project_docs(out: Path, spec: Spec, features: Path | None) -> tuple[Path, ...]:
    """Write the pages of another feature's spec and, if there is a folder of them, its scenarios.

    As `write_docs` does. Raises `UnreadableFeature`, too.
    """
    content = gather_project(spec, features)
    pages = own_pages()[: 3 if content.features else 2]
    pages[0] = replace(pages[0], context={"paths": {}})
    return _write(out, {page.file: _rendered(page, pages, content) for page in pages})


def _write(out: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    pages = {out / name: text for name, text in texts.items()}
    try:
        for path in pages:
            _is_free(path)
        for path, text in pages.items():
            write_whole(path, text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{out}: the pages cannot be written there: {reason}") from error
    return tuple(pages)


def _is_free(path: Path) -> None:
    """Raise `UsageError` when something other than an older page of ours is there."""
    if not path.exists():
        return
    if not path.is_file() or _MARK.encode() not in path.read_bytes():
        raise UsageError(
            f"{path}: the file is not one of these pages and is not overwritten; "
            "name another directory"
        )


def _rendered(page: Page, pages: Sequence[Page], content: Content) -> str:
    return render(
        page.template,
        title=f"{page.title} · {content.title}",
        styles=(_STYLE, *page.styles),
        page=page,
        pages=pages,
        content=content,
        mark=_MARK,
        given=page.context,
    )
