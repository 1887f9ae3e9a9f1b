"""Whether a description is of a candidate that can be judged apart from all others."""

from __future__ import annotations

from conformance.outcomes import UsageError
from conformance.sweep.candidates import Candidate
from conformance.target.description import TargetDescription, load_description


def refusal(candidate: Candidate) -> str:
    """Return why a candidate is not judged in a sweep, "" when it is."""
    try:
        description = load_description(candidate.description)
    except UsageError as error:
        return str(error)
    why = _shared(description)
    return f"{candidate.description}: {why}" if why else ""


def _shared(description: TargetDescription) -> str:
    """Return what a description shares with other candidates, or with the harness."""
    if description.base_url is not None:
        return "`base_url` names what runs already; a sweep starts its candidates: give [launch]"
    if description.in_process is not None:
        return "[in_process] shares the harness's process, which could be lied to: give [launch]"
    database, mail = description.database, description.mail
    if database is not None and (database.url or database.server):
        return "a sweep gives each candidate a database: leave out [database] `url` and `server`"
    if mail is not None and mail.port:
        return "a sweep gives each candidate a mail server: leave out [mail] `port`"
    directory = description.launch.directory if description.launch is not None else None
    if directory is not None and _leads_out(description, str(directory)):
        return f"[launch] `directory` {directory} leads out of the description's folder"
    return ""


def _leads_out(description: TargetDescription, directory: str) -> bool:
    inside = description.directory.resolve()
    return not (inside / directory).resolve().is_relative_to(inside)
