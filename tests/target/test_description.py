"""Every fault of a description names the key, what was found and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.outcomes import UsageError
from conformance.target.description import TargetDescription, load_description

LAUNCH = '[launch]\ncommand = ["x"]\n'
DATABASE = "postgresql://ada@127.0.0.1/shop"
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
    URL + '[mail]\nkind = "pigeon"': "`mail.kind`: found 'pigeon': expected one of smtp, ",
    URL + '[database]\nurl = "mysql://x/y"': "`database.url`: found 'mysql://x/y': expected a URL",
    URL + '[log]\nevents = { link_sent = "(" }': "`log.events.link_sent`: found '(': expected a",
    URL + '[[accounts.listed]]\nemail = "ada"': "`accounts.listed.0.email`: found 'ada'",
    "[launch]\ncommand = []": "`launch.command`: found []: list should have at least 1 item",
    "[launch]\n": "`launch.command` is missing",
    # What no request, command or variable can have.
    URL + 'headers = { X = "a\\r\\nY: b" }': "`headers.X`: found 'a\\r\\nY: b': expected a",
    URL + 'headers = { X = "€" }': "expected a value of one line, in Latin-1",
    URL + 'headers = { "X Y" = "b" }': "found 'X Y': expected the name of a header",
    URL + 'headers = { "X\\r\\nY" = "b" }': "expected the name of a header",
    'base_url = "http://127.0.0.1:8000/\\r\\nX: y"': "expected visible ASCII characters only",
    'base_url = "http://127.0.0.1:8000/a b"': "expected visible ASCII characters only",
    'base_url = "http://127.0.0.1:8000/ü"': "expected visible ASCII characters only",
    URL + 'protected = ["GET /a\\r\\nX: y"]': "expected visible ASCII characters only",
    URL + 'protected = ["GET /ü"]': "expected visible ASCII characters only",
    URL + 'app_base_url = "a\\nb"': "expected visible ASCII characters only",
    URL + '[session]\njwks = "/a\\nb"': "expected visible ASCII characters only",
    URL + '[clock]\nkind = "http"\nurl = "http://h/\\n"': "expected visible ASCII characters only",
    LAUNCH + 'ready_path = "/\\r\\n"': "`launch.ready_path`: found '/\\r\\n': expected",
    LAUNCH + 'ready_path = "health"': "expected a path that begins with /",
    LAUNCH + 'environment = { "A=B" = "c" }': "found 'A=B': expected the name of a variable",
    LAUNCH + 'environment = { "" = "c" }': "expected the name of a variable",
    LAUNCH + 'inherit = ["A=B"]': "found 'A=B': expected the name of a variable",
    LAUNCH + 'environment = { A = "b\\u0000" }': "'launch.environment.A' has a NUL character",
    LAUNCH + 'environment = { "A\\u0000" = "b" }': "has a NUL character",
    LAUNCH + 'prepare = [["a", "b\\u0000"]]': "'launch.prepare.0.1' has a NUL character",
    '[launch]\ncommand = ["a\\u0000"]': "'launch.command.0' has a NUL character",
    URL + '[log]\nfile = "a\\u0000"': "'log.file' has a NUL character",
    # URLs of databases that libpq does not read, or reads otherwise.
    URL + f'[database]\nurl = "{DATABASE}?nope=1"': 'invalid URI query parameter: "nope"',
    URL + f'[database]\nurl = "{DATABASE}?sslmode"': 'missing key/value separator "="',
    URL + f'[database]\nurl = "{DATABASE}?port=x"': "a port between 1 and 65535 instead of x",
    URL + f'[database]\nurl = "{DATABASE}?port=70000"': "between 1 and 65535 instead of 70000",
    URL + '[database]\nurl = "postgresql://a:50%@127.0.0.1/b"': "is written %25",
    URL + '[database]\nurl = "postgresql://[::1/b"': "expected a URL of PostgreSQL",
    # Too much of it.
    "a = " + "[" * 5000 + "]" * 5000: "is nested too deeply",
    URL + ".".join(["a"] * 5000) + " = 1": "is nested deeper than 50 levels",
    URL + "[accounts.registration.body]\n" + ".".join("a" * 200) + " = 1": "deeper than 50 levels",
    "a = " + "9" * 5000: "is not TOML: Exceeds the limit",
    URL + "[mail]\nport = " + "9" * 4000: "`mail.port`: found 999",
    URL + "[mail]\nport = 0x" + "f" * 5000: "found a number of thousands of digits",
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
    assert len(message) < 500


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


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + URL).base_url == "http://127.0.0.1:8000"


def test_a_command_may_have_several_lines(tmp_path: Path) -> None:
    described = load(tmp_path, '[launch]\ncommand = ["sh", "-c", "a\\nb"]\n')
    assert described.launch is not None
    assert described.launch.command[2] == "a\nb"


def test_relative_paths_start_at_the_description(tmp_path: Path) -> None:
    assert load(tmp_path, URL).directory == tmp_path


def test_the_directory_is_not_a_key(tmp_path: Path) -> None:
    assert "unknown key `directory`" in refusal(tmp_path, URL + 'directory = "/tmp"')


def test_a_password_does_not_stand_in_a_message(tmp_path: Path) -> None:
    message = refusal(tmp_path, URL + '[database]\nurl = "postgres//ada:hush@127.0.0.1/a"')
    assert "hush" not in message


@pytest.mark.parametrize(
    "url", ["postgresql://a@h/b?x=1&password=hush", "postgresql://a:hush%@h/b"]
)
def test_nor_does_one_that_is_a_parameter(tmp_path: Path, url: str) -> None:
    assert "hush" not in refusal(tmp_path, URL + f'[database]\nurl = "{url}"')
