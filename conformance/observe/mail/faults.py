"""What a mail provider can do wrong on demand (NFR-3, EC-7)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from conformance.observe.mail.message import Message, bare_address


class Fault(Enum):
    """One way in which a mail provider fails; the value says it in words for the report.

    The first four are understood by every sink; where they set in is the last possible moment
    (SMTP: the end of DATA; SendGrid: the call). A message hit by a fault is never delivered,
    except by those of `AFTER_ACCEPTANCE`.
    """

    REFUSE_PERMANENT = "refuses the message for good"
    REFUSE_TEMPORARY = "refuses the message for now"
    DROP = "drops the connection instead of accepting the message"
    HANG = "never answers"

    DOWN = "is not there: nothing listens at its port"
    GREETING_554 = "refuses the connection with 554"
    EHLO_550 = "refuses EHLO with 550"
    AUTH_535 = "refuses AUTH with 535"
    MAIL_FROM_550 = "refuses MAIL FROM with 550"
    RCPT_TO_550 = "refuses RCPT TO with 550"
    DATA_554 = "refuses the DATA command with 554"
    END_OF_DATA_554 = "refuses the message after DATA with 554"
    GREETING_421 = "refuses the connection with 421"
    EHLO_421 = "refuses EHLO with 421"
    AUTH_454 = "refuses AUTH with 454"
    MAIL_FROM_451 = "refuses MAIL FROM with 451"
    RCPT_TO_450 = "refuses RCPT TO with 450"
    DATA_451 = "refuses the DATA command with 451"
    END_OF_DATA_451 = "refuses the message after DATA with 451"
    DROP_AT_GREETING = "drops the connection before the greeting"
    DROP_AFTER_DATA = "drops the connection after DATA"
    HANG_AT_GREETING = "accepts the connection and never greets"
    HANG_AFTER_DATA = "takes the message and never answers"
    DROP_AT_QUIT = "accepts the message and drops the connection at QUIT"
    HANG_AT_QUIT = "accepts the message and never answers QUIT"

    API_200 = "answers 200 and does not queue the message"
    API_400 = "answers 400"
    API_401 = "answers 401"
    API_403 = "answers 403"
    API_413 = "answers 413"
    API_429 = "answers 429"
    API_500 = "answers 500"
    API_503 = "answers 503"


# No failed sends: the provider has accepted the mail (reading 36), and it is delivered.
AFTER_ACCEPTANCE = frozenset({Fault.DROP_AT_QUIT, Fault.HANG_AT_QUIT})


class Effect(Enum):
    """What a fault does to whom it meets."""

    REFUSE = "refuse"
    DROP = "drop"
    HANG = "hang"


@dataclass(eq=False)
class ActiveFault:
    """A fault while it lasts.

    `only` are the recipients whose messages it meets, in lower case; None: all. It takes a fault
    that sets in where the message is there. `hits` counts how often somebody met it, and is 1 from
    the beginning where nobody can count: a port at which nothing listens. `refused`
    holds the messages that it refused, where the sender got as far as handing one over.
    """

    fault: Fault
    only: frozenset[str] | None = None
    hits: int = 0
    refused: list[Message] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def meets(self, messages: Iterable[Message]) -> bool:
        """Tell whether it meets one of these messages."""
        recipients = {bare_address(each) for message in messages for each in message.recipients}
        return self.only is None or not recipients.isdisjoint(self.only)
