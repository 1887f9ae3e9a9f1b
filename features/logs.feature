Feature: Logs
  Whoever operates the service must see what happens, and must not find there what would let a
  reader of the log in, or tell who the users are.

  @NFR-4 @reading-33
  Rule: Each event is logged at its level

    Example: a request and its mail are logged as INFO
      Given a registered user
      When the user requests a link
      Then the log has "request_received" at level INFO
      And the log has "link_sent" at level INFO

    Example: a request for an address that nobody registered is logged as INFO
      Given an address nobody registered
      When a link is requested for the address
      Then the log has "request_received" at level INFO

    Example: a login is logged as INFO
      Given a registered user with a link
      When the token is verified
      Then the log has "token_verified" at level INFO

    @EC-3
    Example: a request beyond the limit is logged as WARN
      Given a registered user
      When the user requests a link 5 times
      And the user requests a link once more
      Then the log has "rate_limit_hit" at level WARN

    @EC-3
    Example: a request beyond the limit for an address that nobody registered is logged as WARN
      Given an address nobody registered
      When a link is requested for the address 5 times
      And a link is requested for the address once more
      Then the log has "rate_limit_hit" at level WARN

    @EC-4
    Example: an expired token is logged as WARN
      Given a registered user with a link
      When the token is verified 16 minutes later
      Then the log has "expired_token" at level WARN

    @EC-5
    Example: a used token is logged as WARN
      Given a registered user who logged in with a link
      When the token is verified again
      Then the log has "used_token" at level WARN

    @EC-6
    Example: an invalid token is logged as WARN
      When a token that was never made is presented as a token
      Then the log has a line at level WARN

    @EC-6
    Scenario Outline: a malformed token is logged as WARN: <what>
      When <what> is presented as a token
      Then the log has a line at level WARN

      Examples:
        | what                             |
        | a short string                   |
        | a string that is not hexadecimal |

    @EC-7
    Example: a mail that could not be sent is logged as ERROR
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      Then the log has "email_failure" at level ERROR

    @EC-7
    Example: a mail that is lost with its connection is logged as ERROR
      Given a registered user
      And a mail provider that drops the connection instead of accepting it
      When the user requests a link
      Then the log has "email_failure" at level ERROR

    @EC-7 @shares-failures
    Example: every mail that could not be sent is logged as ERROR, however the mail provider fails
      When the mail provider fails in each way in turn while users request links
      Then each failed send is logged at level ERROR

  Rule: The log gives nobody away

    @NFR-4 @reading-32
    Scenario Outline: a request is logged with the domain of its address only, for <whom>
      Given <whom>
      When a link is requested for the address
      Then the line about the request holds the domain of the address only

      Examples:
        | whom                                        |
        | a registered user                           |
        | an address nobody registered                |
        | an address nobody registered, in mixed case |

    @NFR-1 @reading-32
    Example: the log holds no token
      Given a registered user with a link
      When the token is verified
      And the token is verified again
      Then the log holds no token

    @NFR-1 @reading-32
    Scenario Outline: the log holds no token that comes <how>
      Given a registered user with a link
      When the token is presented <how>
      Then the log holds no token

      Examples:
        | how                        |
        | as a form                  |
        | as plain text              |
        | in a list                  |
        | under another name         |
        | in JSON that is broken off |

    @NFR-1 @reading-32
    Example: the log holds no token when the mail fails
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      And the token of the refused mail is verified
      Then the log holds no token
