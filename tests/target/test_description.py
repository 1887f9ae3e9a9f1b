"""Every fault of a description names the key, what was found and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.target.description import TargetDescription, load_description

URL = 'base_url = "http://127.0.0.1:8000"\n'


def load(directory: Path, text: str) -> TargetDescription:
    path = directory / "target.toml"
    path.write_text(text)
    return load_description(path)


def refusal(directory: Path, text: str) -> str:
    """Return the message, without the file's name that it begins with."""
    with pytest.raises(UsageError) as raised:
        load(directory, text)
    start = f"{directory / 'target.toml'}: "
    assert str(raised.value).startswith(start)
    return str(raised.value).removeprefix(start)


WRONG = {
    # Unknown keys, with the nearest known one.
    URL + 'bas_url = "x"': "unknown key `bas_url`: did you mean `base_url`?",
    URL + "[mail]\nkinds = 1": "unknown key `mail.kinds`: did you mean `kind`?",
    URL + "[mail]\nzzz = 1": "unknown key `mail.zzz`: known are delay_ms, key, kind, path, port",
    URL + "[accounts.registration]\nendpont = 1": "did you mean `endpoint`?",
    # Wrong types and values.
    "base_url = 8000": "`base_url`: found 8000: input should be a valid string",
    'base_url = "localhost:8000"': "found 'localhost:8000': expected a URL such as",
    'base_url = "http://127.0.0.1:0"': "expected a URL such as",
    URL + 'protected = ["/auth/me"]': "`protected.0`: found '/auth/me': expected a method and a",
    URL + '[mail]\nport = "many"': "`mail.port`: found 'many': input should be a valid integer",
    URL + "[mail]\nport = 70000": "`mail.port`: found 70000: input should be less than or equal",
    URL + '[mail]\nkind = "pigeon"': "`mail.kind`: found 'pigeon': input should be 'smtp'",
    URL + '[database]\nurl = "mysql://x/y"': "`database.url`: found 'mysql://x/y': expected a URL",
    URL + '[log]\nevents = { link_sent = "(" }': "`log.events.link_sent`: found '(': expected a",
    URL + '[[accounts.listed]]\nemail = "ada"': "`accounts.listed.0.email`: found 'ada'",
    "[launch]\ncommand = []": "`launch.command`: found []: list should have at least 1 item",
    "[launch]\n": "`launch.command` is missing",
    # What does not go together.
    "": "exactly one of `base_url`, [launch] and [in_process] must be given",
    URL + '[launch]\ncommand = ["x"]': "exactly one of `base_url`, [launch] and [in_process]",
    URL + "[database]\n": "[database] needs `url` for a target that runs already",
    URL + '[accounts]\nkind = "environment"': '[accounts] kind "environment" needs [launch]',
    URL + '[accounts]\nkind = "command"': 'accounts: kind "command" needs `command`',
    URL + '[accounts]\nkind = "list"': "needs at least one [[accounts.listed]]",
    URL + '[clock]\nkind = "faketime"': '[clock] kind "faketime" needs [launch]',
    URL + '[clock]\nkind = "freezegun"': '[clock] kind "freezegun" needs [in_process]',
    URL + '[clock]\nkind = "http"': 'clock: kind "http" needs `url`',
    URL + '[mail]\nkind = "mailpit"': 'mail: kind "mailpit" needs `url`',
    URL + '[mail]\nkind = "directory"': 'mail: kind "directory" needs `path`',
    # Not TOML at all.
    "base_url = ": "is not TOML: Invalid value",
    "[a]\n[a]": "is not TOML: Cannot declare",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_fault_is_told(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, text)
    assert WRONG[text] in message
    assert "\n" not in message


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, URL + 'protectd = []\n[mail]\nport = "many"')
    assert "`protectd`" in message
    assert "`mail.port`" in message


def test_the_database_is_either_given_or_made(tmp_path: Path) -> None:
    both = '[database]\nurl = "postgresql://127.0.0.1/a"\nserver = "postgresql://127.0.0.1/b"'
    message = refusal(tmp_path, f'[launch]\ncommand = ["x"]\n{both}')
    assert "database: `url` and `server` exclude each other" in message


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml: there is no such file$"):
        load_description(tmp_path / "none.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_description(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(UsageError, match="cannot be read"):
        load_description(path)


def test_relative_paths_start_at_the_description(tmp_path: Path) -> None:
    assert load(tmp_path, URL).directory == tmp_path


def test_the_directory_is_not_a_key(tmp_path: Path) -> None:
    assert "unknown key `directory`" in refusal(tmp_path, URL + 'directory = "/tmp"')


def test_a_password_does_not_stand_in_a_message(tmp_path: Path) -> None:
    message = refusal(tmp_path, URL + '[database]\nurl = "postgres//ada:hush@127.0.0.1/a"')
    assert "hush" not in message
