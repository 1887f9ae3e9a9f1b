"""What must never happen: judged on every exchange, mail, log line and row of a run.

Each worker of a run judges what it did itself, after its last scenario.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from psycopg import sql
from pytest_bdd import parsers, then

from conformance.observe.evidence import Exchange
from conformance.observe.mail.links import token_of
from conformance.observe.mail.mailbox import Sink
from conformance.observe.mail.message import bare_address
from conformance.observe.session import brought_session, cookies_in_words, session_cookies
from conformance.outcomes import Failed, Inapplicable
from conformance.requirements.magic_link import LOGIN, REQUEST, VERIFY
from conformance.steps import actions
from conformance.steps.scene import Scene

# A token as NFR-1 has it; tokens of another form are judged where they are mailed.
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])")
# Longer ones may be refused as too large, in whatever way (reading 9).
_LONGEST_TOKEN = 1_000
# No answer, a login, a further limit (reading 22), a service that is not up to it at that moment.
_NO_WORD_ON_THE_TOKEN = frozenset({0, 200, 429, 502, 503, 504})


@then("no answer shows a token that was mailed")
def no_token_in_answers(scene: Scene) -> None:
    mailed = _mailed_tokens(scene)
    for exchange in _posted(scene, REQUEST, VERIFY, LOGIN):
        headers = "\n".join(f"{name}: {value}" for name, value in exchange.headers)
        shown = _tokens_in(f"{headers}\n{exchange.text}")
        if (mailed & shown) - _repeated(exchange):
            _fail(scene, exchange, "an answer", expected="no token in it", found="a mailed token")


@then("no line of the log shows a token that was mailed")
def no_token_in_log(scene: Scene) -> None:
    logs = scene.testbed.need_logs()
    mailed = _mailed_tokens(scene)
    actions.log_barrier(scene)
    for line in logs.since(0):
        if mailed & _tokens_in(line.text):
            scene.evidence.log_lines.append(line.text)
            raise Failed("a line of the log", expected="no token in it", found="a mailed token")


@then("no row of the database shows a token that was mailed")
def no_token_in_rows(scene: Scene) -> None:
    database = scene.testbed.need_database()
    mailed = _mailed_tokens(scene)
    for table in database.tables():
        statement = sql.SQL("SELECT t::text AS line FROM {} AS t WHERE t::text ~ {}").format(
            table.identifier, sql.Literal("[0-9a-fA-F]{64}")
        )
        if any(mailed & _tokens_in(row["line"]) for row in database.query(statement)):
            raise Failed(f"the rows of {table}", expected="no token in them", found="a mailed one")


@then("every mail went to registered addresses only")
def only_registered_mailed(scene: Scene) -> None:
    mailbox, registered = scene.testbed.need_mailbox(), scene.testbed.accounts.addresses
    if not isinstance(mailbox, Sink):
        scene.evidence.note("only mail to addresses that the run asked for was looked at")
    for message in mailbox.messages():
        recipients = {bare_address(each) for each in message.recipients}
        if not isinstance(mailbox, Sink):
            recipients &= scene.testbed.requested
        # A service may try its provider with a mail to itself.
        own = {bare_address(message.sender)}
        if strangers := recipients - registered - own:
            actions.keep_mail(scene, message)
            raise Failed(
                "the recipients of a mail",
                expected="registered addresses only",
                found=", ".join(sorted(strangers)),
            )


@then("no user got more mails than requests were accepted")
def no_more_mails(scene: Scene) -> None:
    mailbox, testbed = scene.testbed.need_mailbox(), scene.testbed
    if not testbed.accounts.plentiful:
        raise Inapplicable("the accounts of a list are asked for again where nobody counts")
    accepted = Counter(
        address.lower()
        for exchange in _posted(scene, REQUEST)
        if exchange.status == 202 and isinstance(address := actions.asked_for(exchange), str)
    )
    mailed = Counter(
        bare_address(each) for message in mailbox.messages() for each in message.recipients
    )
    counted = testbed.accounts.addresses - testbed.uncounted
    for address in accepted.keys() & mailed.keys() & counted:
        # Fewer are no news: a mail may have failed, which is judged where it does.
        if mailed[address] > accepted[address]:
            raise Failed(
                f"mails to {address}",
                expected=f"{accepted[address]} at most",
                found=mailed[address],
            )


@then(parsers.parse('every accepted request was answered with "{message}"'))
def every_acceptance(scene: Scene, message: str) -> None:
    for exchange in _posted(scene, REQUEST):
        found = exchange.members.get("message")
        if exchange.status == 202 and found != message:
            _fail(scene, exchange, "the message of an answer", expected=message, found=found)


@then(parsers.re(r"every refused token was answered with 400 and one of (?P<codes>.+)$"))
def every_refusal(scene: Scene, codes: str) -> None:
    known = set(re.findall(r'"(\w+)"', codes))
    for exchange in _posted(scene, VERIFY):
        token = exchange.sent.get("token")
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            continue
        code = exchange.members.get("error")
        refused = exchange.status not in _NO_WORD_ON_THE_TOKEN
        if refused and (exchange.status, code in known) != (400, True):
            _fail(
                scene,
                exchange,
                "the answer to a token",
                expected=f"400 and one of {codes}",
                found=exchange.summary(),
            )


@then(parsers.parse('only logins that succeeded set the session cookie "{name}"'))
def only_logins(scene: Scene, name: str) -> None:
    # A session of the service's own that a request brought may be renewed (reading 26).
    given = {each.value for exchange in scene.testbed.history for each in session_cookies(exchange)}
    for exchange in _posted(scene, REQUEST, VERIFY, LOGIN):
        login = exchange.status == 200 and not _path(exchange).endswith(REQUEST)
        renewed = brought_session(exchange) in given
        if not login and not renewed and session_cookies(exchange):
            _fail(
                scene,
                exchange,
                f"the cookie {name}",
                expected="none without a login",
                found=f"{exchange.status} with {cookies_in_words(exchange)}",
            )


def _mailed_tokens(scene: Scene) -> set[str]:
    """Return every token that was mailed, in lower case."""
    links = (link for m in scene.testbed.need_mailbox().messages() for link in m.magic_links())
    found = {token.lower() for link in links if (token := token_of(link))}
    if not found:
        raise Inapplicable("no link was mailed in this part of the run")
    return found


def _repeated(exchange: Exchange) -> set[str]:
    """Return the tokens in a body that no sentence allows: it may be repeated (reading 32)."""
    if isinstance(exchange.sent.get("token"), str):
        return set()
    return _tokens_in(exchange.request_body.decode(errors="replace"))


def _tokens_in(text: str) -> set[str]:
    return {match.lower() for match in _TOKEN.findall(text)}


def _posted(scene: Scene, *routes: str) -> Iterator[Exchange]:
    """Yield the exchanges of the run that were POSTs of JSON to these routes."""
    for exchange in scene.testbed.history:
        if exchange.method == "POST" and _path(exchange).endswith(routes) and _sends_json(exchange):
            yield exchange


def _path(exchange: Exchange) -> str:
    return urlsplit(exchange.url).path


def _sends_json(exchange: Exchange) -> bool:
    types = [value for name, value in exchange.request_headers if name.lower() == "content-type"]
    return types == ["application/json"]


def _fail(scene: Scene, exchange: Exchange, what: str, *, expected: str, found: object) -> None:
    scene.evidence.exchanges.append(exchange)
    raise Failed(what, expected=expected, found=found)
