"""The steps of an SMTP transaction at which the sink can fail, and with which reply (RFC 5321)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from conformance.observe.mail.faults import Effect, Fault


class Step(IntEnum):
    """The steps of a transaction in their order."""

    CONNECT = 0
    GREETING = 1
    EHLO = 2
    AUTH = 3
    MAIL_FROM = 4
    RCPT_TO = 5
    DATA = 6
    END_OF_DATA = 7
    QUIT = 8


@dataclass(frozen=True)
class SmtpFault:
    """Where a fault sets in, what it does there, and the reply if it refuses."""

    step: Step
    effect: Effect
    reply: str = ""


def _refusal(step: Step, reply: str) -> SmtpFault:
    return SmtpFault(step, Effect.REFUSE, reply)


SMTP_FAULTS: dict[Fault, SmtpFault] = {
    Fault.REFUSE_PERMANENT: _refusal(Step.END_OF_DATA, "554 5.7.1 Message refused"),
    Fault.REFUSE_TEMPORARY: _refusal(Step.END_OF_DATA, "451 4.3.0 Try again later"),
    Fault.DROP: SmtpFault(Step.END_OF_DATA, Effect.DROP),
    Fault.HANG: SmtpFault(Step.END_OF_DATA, Effect.HANG),
    Fault.DOWN: SmtpFault(Step.CONNECT, Effect.DROP),
    Fault.GREETING_554: _refusal(Step.GREETING, "554 5.3.2 No service here"),
    Fault.EHLO_550: _refusal(Step.EHLO, "550 5.7.1 Not welcome"),
    Fault.AUTH_535: _refusal(Step.AUTH, "535 5.7.8 Credentials refused"),
    Fault.MAIL_FROM_550: _refusal(Step.MAIL_FROM, "550 5.7.1 Sender refused"),
    Fault.RCPT_TO_550: _refusal(Step.RCPT_TO, "550 5.1.1 Recipient refused"),
    Fault.DATA_554: _refusal(Step.DATA, "554 5.5.1 Transaction failed"),
    Fault.END_OF_DATA_554: _refusal(Step.END_OF_DATA, "554 5.7.1 Message refused"),
    Fault.GREETING_421: _refusal(Step.GREETING, "421 4.3.2 Service not available"),
    Fault.EHLO_421: _refusal(Step.EHLO, "421 4.3.2 Service not available"),
    Fault.AUTH_454: _refusal(Step.AUTH, "454 4.7.0 Temporary authentication failure"),
    Fault.MAIL_FROM_451: _refusal(Step.MAIL_FROM, "451 4.3.0 Try again later"),
    Fault.RCPT_TO_450: _refusal(Step.RCPT_TO, "450 4.2.1 Try again later"),
    Fault.DATA_451: _refusal(Step.DATA, "451 4.3.0 Try again later"),
    Fault.END_OF_DATA_451: _refusal(Step.END_OF_DATA, "451 4.3.0 Try again later"),
    Fault.DROP_AT_GREETING: SmtpFault(Step.GREETING, Effect.DROP),
    Fault.DROP_AFTER_DATA: SmtpFault(Step.END_OF_DATA, Effect.DROP),
    Fault.HANG_AT_GREETING: SmtpFault(Step.GREETING, Effect.HANG),
    Fault.HANG_AFTER_DATA: SmtpFault(Step.END_OF_DATA, Effect.HANG),
    Fault.DROP_AT_QUIT: SmtpFault(Step.QUIT, Effect.DROP),
    Fault.HANG_AT_QUIT: SmtpFault(Step.QUIT, Effect.HANG),
}
