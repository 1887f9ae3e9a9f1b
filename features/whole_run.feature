Feature: What never happens, whatever is done
  The other features look at one thing at a time. These look back at everything that a run did:
  each request, mail, log line and row, whichever scenario caused it.

  @whole-run @NFR-1 @reading-32
  Rule: The raw token is in the mail and nowhere else

    Example: no answer of the run shows a token that was mailed
      Then no answer shows a token that was mailed

    Example: no line of the log shows a token that was mailed
      Then no line of the log shows a token that was mailed

    @AC-8
    Example: no row of the database shows a token that was mailed
      Then no row of the database shows a token that was mailed

  @whole-run @AC-6 @EC-1 @reading-45
  Rule: Mail only ever goes to addresses that are registered

    Example: every mail of the run went to registered addresses
      Then every mail went to registered addresses only

  @whole-run @AC-1 @FR-3
  Rule: An accepted request of a user makes one mail, and no second one later

    Example: nobody was mailed more often than they asked
      Then no user got more mails than requests were accepted

  @whole-run @FR-2 @reading-28
  Rule: Every request that is accepted is answered with the same sentence

    Example: every accepted request of the run got it
      Then every accepted request was answered with "If that email is registered, a link has been sent."

  @whole-run @EC-6 @reading-9
  Rule: Every token that is refused is called expired, used or invalid

    Example: every refusal of the run has one of the three errors
      Then every refused token was answered with 400 and one of "TOKEN_EXPIRED", "TOKEN_USED", "TOKEN_INVALID"

  @whole-run @FR-6 @reading-26
  Rule: Only a login gives a session

    Example: no other answer of the run set the session cookie
      Then only logins that succeeded set the session cookie "auth_token"
