Feature: Sending the mail
  A 202 is a promise: the mail is on its way. If it cannot be sent, the user must hear of it, and
  nothing may be left behind that looks as if it had been.

  @FR-3
  Rule: The mail goes out within the request

    @reading-36
    Example: the answer waits for the mail provider
      Given a mail provider that takes 1 second to accept a message
      And a registered user
      When the user requests a link
      Then the answer takes as long as the mail provider does
      And exactly one mail goes out to the user

    @FR-6 @reading-35
    Example: the link works as soon as the request is answered
      Given a registered user
      When the user requests a link
      Then the mail is there when the answer is
      And the mail holds a link to "/auth/magic-link/verify" with a token
      When the token is verified
      Then the answer is 200 with the user's id

    @NFR-3 @reading-36
    Scenario Outline: a mail is sent once it is accepted, also by a mail provider that <end>
      Given a registered user
      And a mail provider that accepts the mail and <end>
      When the user requests a link, and the mail provider hangs up after 12 seconds at the latest
      Then the mail is there when the answer is
      And the link in the mail works

      Examples:
        | end                        |
        | says no goodbye            |
        | hangs up without a goodbye |

  @reading-28
  Rule: When the mail cannot be sent, the answer says so

    @EC-7 @NFR-3 @reading-36
    Scenario Outline: the mail provider <fault>
      Given a registered user
      And a mail provider that <fault>
      When the user requests a link
      Then the answer is 503 with the error "EMAIL_SEND_FAILED"
      And no mail goes out to the user

      Examples:
        | fault                                             |
        | refuses the message for good                      |
        | refuses the message for now                       |
        | drops the connection instead of accepting it      |

    @EC-7 @NFR-3 @reading-36 @shares-failures
    Example: the mail provider fails at any step, sooner or later
      When the mail provider fails in each way in turn while users request links
      Then each failed send is answered with 503 and the error "EMAIL_SEND_FAILED"

    @EC-7 @NFR-3 @reading-35 @shares-failures
    Example: nothing is left behind, however the mail provider fails
      When the mail provider fails in each way in turn while users request links
      Then no failed send has left a token in the database

    @EC-7 @NFR-3 @reading-23 @shares-failures
    Example: no token of a failed send works, however the mail provider fails
      When the mail provider fails in each way in turn while users request links
      Then each token of a failed send is answered with 400 and the error "TOKEN_INVALID"

    @NFR-3 @EC-7 @realistic-mail @reading-36
    Example: of users who ask at the same moment, every second one's mail cannot be sent
      Given a mail provider that takes a realistic time to accept a message
      And 12 of many registered users
      And a mail provider that refuses the mail to every second of them
      When each of them requests a link at the same moment
      Then each answer says whether that user's mail was sent
      And the database holds no token of those whose mail was refused
      And each link logs its own user in

    @NFR-3 @EC-7 @reading-35
    Scenario Outline: the token's row is deleted when the mail provider <fault>
      Given a registered user
      And a mail provider that <fault>
      When the user requests a link
      Then the database holds no token of the user

      Examples:
        | fault                                        |
        | refuses the message for good                 |
        | refuses the message for now                  |
        | drops the connection instead of accepting it |

    @NFR-3 @EC-7 @reading-23
    Example: the token of a mail that was refused is worthless
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      And the token of the refused mail is verified
      Then the answer is 400 with the error "TOKEN_INVALID"
      And the answer sets no session cookie

    @NFR-3 @reading-3
    Example: afterwards everything works again
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      And the mail provider is well again
      Then the user can log in with a new link
      And a new link of another user still works

    @NFR-3 @reading-23 @reading-5
    Example: the links of other users, and the user's own older one, outlive a failed send
      Given a registered user with a link
      And another registered user with a link
      And a mail provider that refuses the message for good
      When the user requests a link
      And the mail provider is well again
      Then the other user's link still works
      And the user's older link still works, if older links survive a new one that is sent
