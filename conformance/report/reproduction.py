"""How a failure is repeated, and what was seen of it: the last of each, as short lines of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from conformance.report.safe_text import one_line
from conformance.run.result import ScenarioResult

_CURL_LIMIT = 500
_LINE_LIMIT = 300
_REQUESTS_SHOWN = 3
_SEEN_SHOWN = 3
# Headers that a sentence of the spec may be about, beside a content type that is not JSON.
_TELLING_HEADERS = frozenset({"set-cookie", "location"})
_ABOUT_MAIL = re.compile(r"\b(?:mails?|links?)\b")


@dataclass(frozen=True)
class Request:
    """A request as a curl line, how often it was sent in a row, and its last answer.

    `answer` is the status and the body, or why there was none; `headers` are those that tell
    something, as `name: value`.
    """

    curl: str
    times: int
    answer: str
    headers: tuple[str, ...]


def last_requests(scenario: ScenarioResult) -> tuple[int, list[Request]]:
    """Return the last requests of a scenario, repeats counted, and how many came before them."""
    exchanges = scenario.evidence.get("exchanges", [])
    groups = [list(same) for _, same in groupby(exchanges, _kind)][-_REQUESTS_SHOWN:]
    earlier = scenario.evidence.get("exchanges_in_all", 0) - sum(map(len, groups))
    return max(earlier, 0), [_request(group) for group in groups]


def _kind(exchange: Mapping[str, Any]) -> tuple[object, ...]:
    request, response = exchange["request"], exchange["response"]
    return request["method"], urlsplit(request["url"]).path, response["status"]


def _request(exchanges: Sequence[Mapping[str, Any]]) -> Request:
    last, response = exchanges[-1], exchanges[-1]["response"]
    answer = response["error"] or f"{response['status']} {response['body']}"
    return Request(
        one_line(last["curl"], _CURL_LIMIT),
        len(exchanges),
        one_line(answer, _LINE_LIMIT),
        tuple(_telling(response["headers"])),
    )


def _telling(headers: Sequence[Sequence[str]]) -> Iterator[str]:
    for name, value in headers:
        foreign = name.lower() == "content-type" and not value.startswith("application/json")
        if foreign or name.lower() in _TELLING_HEADERS:
            yield one_line(f"{name}: {value}", _LINE_LIMIT)


def seen(scenario: ScenarioResult) -> dict[str, list[str]]:
    """Return what else was looked at, by the names of the evidence; nothing has no entry.

    Mails are shown where the step that failed is about them: almost every scenario has some.
    """
    evidence = scenario.evidence
    about_mail = _ABOUT_MAIL.search(scenario.failing_step or "")
    measured = [_scalars(each) for each in evidence.get("measurements", [])]
    kinds = {
        # Short already; a trace is not to be cut apart.
        "log_errors": evidence.get("log_errors", []),
        "mails": _last([_mail(each) for each in evidence.get("mails", []) if about_mail]),
        "measurements": _last([_json(each) for each in measured if each]),
        "rows": _last([_json(each) for each in evidence.get("rows", [])]),
        "log_lines": _last(evidence.get("log_lines", [])),
    }
    return {
        kind: [one_line(line, _LINE_LIMIT) for line in lines]
        for kind, lines in kinds.items()
        if lines
    }


def _last(lines: list[str]) -> list[str]:
    return lines[-_SEEN_SHOWN:]


def _mail(mail: Mapping[str, Any]) -> str:
    text = mail.get("text") or mail.get("html") or ""
    return f"to {', '.join(mail.get('to', []))}: {mail.get('subject', '')}: {text}"


def _scalars(measurement: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in measurement.items() if not isinstance(v, (list, dict))}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
