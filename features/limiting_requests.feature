Feature: Limiting requests
  Without a limit anybody could fill anybody's mailbox. The limit counts by address and nothing
  else, for every address alike, and lets go as time passes.

  @FR-7 @reading-22
  Rule: At most 5 requests per email address in any 60 minutes

    @AC-1 @slow
    Scenario Outline: twenty people share no allowance: <which>
      Given a registered user who has not asked yet, if one is left
      When links are requested for 19 others of <which>, and then for the user
      Then nobody is refused for what others have requested

      Examples:
        | which           |
        | the same domain |
        | other domains   |

    @reading-1 @reading-2 @reading-19
    Scenario Outline: the window rolls, what left it makes room and no more than that: <whom>
      Given <whom>
      When a link is requested for the address 2 times
      Then every answer is 202
      When 30 minutes pass
      And a link is requested for the address 3 times
      Then every answer is 202
      When 30 minutes and 10 seconds pass
      And a link is requested for the address 2 times
      Then every answer is 202
      When a link is requested for the address once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

      Examples:
        | whom                         |
        | a registered user            |
        | an address nobody registered |

    @reading-1 @reading-19
    Scenario Outline: a request counts for nearly an hour, whatever the time of day: <whom>
      Given <whom>
      When a link is requested for the address 5 times
      Then every answer is 202
      When an hour passes but for a few seconds
      And a link is requested for the address once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

      Examples:
        | whom                         |
        | a registered user            |
        | an address nobody registered |

    @reading-1 @reading-19
    Scenario Outline: an hour later everything is allowed again: <whom>
      Given <whom>
      When a link is requested for the address 5 times
      Then every answer is 202
      When 60 minutes and 10 seconds pass
      And a link is requested for the address 5 times
      Then every answer is 202

      Examples:
        | whom                         |
        | a registered user            |
        | an address nobody registered |

    @EC-2 @EC-3 @reading-1
    Example: a suspended user is counted like any other
      Given a suspended user
      When the user requests a link 5 times
      Then every answer is 202
      When the user requests a link once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

    @reading-16
    Example: twelve requests at the same moment
      Given a registered user
      When the user requests a link 12 times at the same moment
      Then at most 5 of them are accepted and the others are refused with 429

    @reading-16 @reading-1
    Example: twelve requests at the same moment for an address that nobody registered
      Given an address nobody registered
      When a link is requested for the address 12 times at the same moment
      Then at most 5 of them are accepted and the others are refused with 429

    @reading-16 @reading-1
    Example: twelve requests that are held up before any of them is counted
      When 12 requests for an address are held up before any is counted, for users and strangers in turn
      Then at most 5 of them are accepted each time

    @reading-1 @reading-16 @slow
    Example: twelve requests at the same moment on two instances of the service
      Given a registered user
      When the user requests a link 12 times at the same moment on two instances
      Then at most 5 of them are accepted and the others are refused with 429
      Given an address nobody registered
      When a link is requested for the address 12 times at the same moment on two instances
      Then at most 5 of them are accepted and the others are refused with 429

    @reading-1 @slow
    Example: two instances of the service count together
      Given a registered user
      When the user requests a link 3 times
      And the user requests a link 2 times on another instance
      Then every answer is 202
      When the user requests a link once more on another instance
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
      Given an address nobody registered
      When a link is requested for the address 3 times
      And a link is requested for the address 2 times on another instance
      Then every answer is 202
      When a link is requested for the address once more on another instance
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

    @reading-1 @slow
    Example: the count outlives a restart of the service
      Given a registered user, and an address nobody registered
      When 5 links are requested for each of them
      Then every answer is 202
      When the service is restarted
      And one more link is requested for each of them
      Then every answer is 429

    @reading-11
    Example: an address in mixed case is counted like any other
      Given an address nobody registered, in mixed case
      When a link is requested for the address 5 times
      Then every answer is 202
      When a link is requested for the address once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

    @reading-3
    Example: a mail that cannot be sent does not empty the count
      Given a registered user
      When the user requests a link 4 times
      Then every answer is 202
      Given a mail provider that refuses the message for good
      When the user requests a link
      And the mail provider is well again
      And the user requests a link 3 times
      Then at most 5 of the requests for the address were accepted in all

    @reading-1 @reading-2 @reading-19
    Scenario Outline: a refused request shuts nobody out for longer: <whom>
      Given <whom>
      When a link is requested for the address 5 times
      Then every answer is 202
      When 30 minutes pass
      And a link is requested for the address once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
      When 30 minutes and 10 seconds pass
      And a link is requested for the address once more
      Then every answer is 202

      Examples:
        | whom                         |
        | a registered user            |
        | an address nobody registered |

    @reading-19
    Scenario Outline: requests are forgotten for good: <minutes> minutes later
      Given a clock that can be set far ahead
      And one of many registered users
      When the user requests a link 5 times
      Then every answer is 202
      When <minutes> minutes pass
      And the user requests a link 5 times
      Then every answer is 202

      Examples:
        # The minutes of their age, a clock of twelve hours and the time of day show the same again.
        | minutes |
        | 125     |
        | 725     |
        | 1447    |

    @EC-3 @reading-23 @reading-5
    Example: a refused request leaves the links alone
      Given a registered user
      When the user requests a link 5 times
      Then every answer is 202
      When the user requests a link once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
      And the link that was mailed last still works, if older links survive a new one that is sent

    Example: logging in does not empty the count
      Given a registered user who can log in with a link and with a password
      When the user requests a link 5 times
      Then every answer is 202
      When the user logs in both ways with what is there
      And the user requests a link once more
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"

    Example: password logins are not counted
      Given a registered user who can log in with a link and with a password
      When the user logs in with the password 6 times
      And the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."

    Example: mistyped passwords are not counted
      Given a registered user who can log in with a link and with a password
      When the user logs in with a wrong password 6 times
      And the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."

    @EC-1 @EC-3 @reading-1
    Example: a refusal does not say who is registered
      Given a registered user, and an address nobody registered
      When 5 links are requested for each of them
      And 20 minutes pass, if the time can be moved
      And 2 more links are requested for each of them
      Then the refusals of both look alike

    Example: a forged client address does not get round it
      Given a registered user
      When the user requests a link 5 times
      Then every answer is 202
      When the user requests a link once more under a forged client address
      Then the answer is 429 with the error "RATE_LIMIT_EXCEEDED"
