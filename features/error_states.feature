Feature: Error states
  A link is a key that travels by mail. It must open the door once and for a short while, tell a
  late or second visitor plainly why it does not open, and be no way to flood a mailbox.

  @AC-4 @reading-41
  Rule: A token that was used is refused the second time

    @EC-5 @FR-6
    Example: a link is used twice
      Given a registered user who logged in with a link
      When the token is verified again
      Then the answer is 400 with the error "TOKEN_USED"
      And the answer sets no session cookie
      And a new link of another user still works

    @EC-5
    Example: a used link is opened again after a newer one was requested
      Given a registered user who logged in with a link
      When the user requests a link
      And the token is verified again
      Then the answer is 400 with the error "TOKEN_USED"

  @AC-5 @reading-18 @reading-41
  Rule: A token that is presented after 15 minutes is refused

    @EC-4 @FR-8
    Example: a link is used 16 minutes later
      Given a registered user with a link
      When the token is verified 16 minutes later
      Then the answer is 400 with the error "TOKEN_EXPIRED"
      And the answer sets no session cookie
      And a new link of another user still works

    @EC-4
    Example: a link is used 55 minutes later
      Given a registered user with a link
      When the token is verified 55 minutes later
      Then the answer is 400 with the error "TOKEN_EXPIRED"
      When the token is verified again
      Then the answer is 400 with the error "TOKEN_EXPIRED"

    @EC-4
    Scenario Outline: others came and went before a link is used <minutes> minutes later
      Given a registered user with a link
      When another user logs in <minutes> minutes later, and then the token is verified
      Then the answer is 400 with the error "TOKEN_EXPIRED"

      Examples:
        | minutes |
        | 16      |
        | 55      |

  @AC-6
  Rule: An address that nobody registered gets the same answer and no mail

    @EC-1 @FR-2
    Example: somebody types an address that nobody registered
      Given an address nobody registered
      When a link is requested for the address
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And no mail goes out to the address
      But a registered user who requests a link at the same time gets a mail

  @AC-7 @reading-22
  Rule: The sixth request for one address within 60 minutes is refused

    @EC-3 @FR-7
    Example: a registered user asks too often
      Given a registered user
      When the user requests a link 5 times
      Then every answer is 202
      When the user requests a link once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
      And no further mail goes out to the user
      But another address can still request a link

    @EC-1 @EC-3 @FR-7 @reading-1
    Example: an address that nobody registered is counted like any other
      Given an address nobody registered
      When a link is requested for the address 5 times
      Then every answer is 202
      When a link is requested for the address once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
      But another address can still request a link
