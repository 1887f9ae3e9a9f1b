Feature: Verifying a token
  A token is accepted once, within its time, for its owner, whatever happens at the same moment.
  Everything else that is presented is refused, and a refusal hurts nobody.

  @FR-6 @reading-10 @reading-26
  Rule: The session is identical to the one that password login yields

    Example: both doors give the same session
      Given a registered user who can log in with a link and with a password
      When the user logs in both ways
      Then both sessions have the same algorithm and the same claims
      And both sessions live equally long
      And both cookies have the same attributes

    Example: a user without a password gets the session that others get
      Given a password-less user, and another who has a password
      When the first logs in with a link and the other with the password
      Then both sessions live equally long
      And both cookies have the same attributes

    Example: the session of a link that is opened late lives as long as any other
      Given a registered user who can log in with a link and with a password
      When the user logs in both ways, with a link that is 14 minutes old
      Then both sessions live equally long

    Example: tokens that are verified at the same moment log in their own users
      Given 8 registered users with a link each
      When all their tokens are verified at the same moment
      Then each of them is logged in as the right user

    @AC-2
    Scenario Outline: a link is opened in a browser that holds <what>
      Given one of many registered users with a link
      And a browser that holds <what>
      When the token is verified in that browser
      Then the answer is 200 with the user's id
      And the answer sets the session cookie "auth_token"
      And the session belongs to the user

      Examples:
        | what                             |
        | a session that cannot be read    |
        | a session that was tampered with |
        | another user's session           |

  @EC-8 @reading-37
  Rule: The same token verified at the same moment logs in once

    @reading-37
    Example: sixteen at once, several times over
      Given 10 registered users with a link each
      When each token is verified 16 times at the same moment
      Then each token was accepted once and refused 15 times with "TOKEN_USED"
      And each token gave one session

    Example: sixteen at once that are held up before the token is marked as used
      When 16 requests with one token are held up before it is marked as used, for one user after another
      Then each token was accepted once and refused 15 times with "TOKEN_USED"
      And each token gave one session

    @slow
    Example: sixteen at once on two instances of the service
      Given 6 registered users with a link each
      When each token is verified 16 times at the same moment on two instances
      Then each token was accepted once and refused 15 times with "TOKEN_USED"
      And each token gave one session

  @FR-8 @reading-18
  Rule: A token expires 15 minutes after it was made, not later and not earlier

    @EC-4
    Example: a few seconds past 15 minutes are too late
      Given a registered user with a link
      When the token is verified 15 minutes and 3 seconds later
      Then the answer is 400 with the error "TOKEN_EXPIRED"

    Example: a few seconds before 15 minutes are in time
      Given a registered user with a link
      When the token is verified 15 minutes later but for a few seconds
      Then the answer is 200 with the user's id

    @EC-4
    Example: a second token has 15 minutes of its own
      Given a registered user with a link
      When 10 minutes pass
      And the user requests another link
      And the token is verified 10 minutes later
      Then the answer is 200 with the user's id

    @EC-4 @reading-5
    Example: a new link does not lengthen the life of an older one
      Given a registered user with a link
      When 10 minutes pass
      And the user requests a link
      And the token is verified 6 minutes later
      Then the answer is a refusal
      And the answer sets no session cookie

    @EC-4 @reading-21 @slow
    Scenario Outline: the time zone of the machine does not matter: <zone>
      Given the service runs <where>
      And a registered user with a link
      When the token is verified 14 minutes later
      Then the answer is 200 with the user's id
      Given another user with a link
      When the token is verified 16 minutes later
      Then the answer is 400 with the error "TOKEN_EXPIRED"

      Examples:
        | zone                | where                                                                  |
        | Pacific/Kiritimati  | on a machine in the time zone "Pacific/Kiritimati"                     |
        | America/Los_Angeles | in the time zone "America/Los_Angeles", and its database in "Etc/UTC" |

  @FR-8 @EC-4 @reading-41
  Rule: A token that has expired never works again

    Scenario Outline: an unused link is opened <minutes> minutes later
      Given a clock that can be set far ahead
      And a registered user with a link
      When the token is verified <minutes> minutes later
      Then the answer is a refusal
      And the answer sets no session cookie

      Examples:
        # The minutes of its age, a clock of twelve hours and the time of day show the same again.
        | minutes |
        | 67      |
        | 725     |
        | 1447    |

  @EC-5 @reading-41
  Rule: A token that was used is called used for as long as it would have lived

    @slow
    Example: a used link is opened again after the service was restarted
      Given a service that can be restarted
      And a registered user who logged in with a link
      When the service is restarted
      And the token is verified again
      Then the answer is 400 with the error "TOKEN_USED"
      And the answer sets no session cookie

    Example: a used link is opened again before its 15 minutes are over
      Given a registered user who logged in with a link
      When the token is verified 14 minutes later
      Then the answer is 400 with the error "TOKEN_USED"
      And the answer sets no session cookie

  @EC-5 @EC-4 @reading-4 @reading-41
  Rule: A token that is both used and expired is refused as one of the two

    Scenario Outline: a used link is opened again <minutes> minutes later
      Given a registered user who logged in with a link
      When the token is verified <minutes> minutes later
      Then the answer is 400 with the error "TOKEN_USED" or "TOKEN_EXPIRED"
      And the answer sets no session cookie

      Examples:
        | minutes |
        | 20      |
        | 55      |

  @FR-5 @reading-29
  Rule: A token comes in a JSON body

    Example: the body says that its text is UTF-8
      Given a registered user with a link
      When the token is verified with JSON that says that it is UTF-8
      Then the answer is 200 with the user's id

  @EC-6 @FR-5 @reading-9
  Rule: What is no live token is refused as invalid

    Scenario Outline: somebody presents <what>
      When <what> is presented as a token
      Then the answer is 400 with the error "TOKEN_INVALID", or says that it is too large
      And the answer sets no session cookie

      Examples:
        | what                               |
        | a token that was never made        |
        | an empty string                    |
        | a short string                     |
        | a long string                      |
        | a string that is not hexadecimal   |
        | a string with a NUL in it          |
        | a string in another script         |
        | a megabyte                         |
        | a piece of SQL                     |
        | the hash of a live token           |

    Example: somebody presents a token that was never made eight times at the same moment
      When a token that was never made is verified 8 times at the same moment
      Then every attempt is refused with 400 and "TOKEN_INVALID"

    Scenario Outline: somebody presents a live token with <change>
      Given a registered user with a link
      When the token is presented with <change>
      Then the answer is 400 with the error "TOKEN_INVALID", or says that it is too large
      And the user's own token still works

      Examples:
        | change                         |
        | a character added              |
        | its last character cut off     |
        | its last character changed     |
        | a second copy of it appended   |
        | the whole link around it       |
        | its name in front of it        |

    Scenario Outline: a body without a token is refused: <why>
      When a token is presented with the body <body>
      Then the answer is a refusal
      And the answer sets no session cookie

      Examples:
        | body                 | why                             |
        | {}                   | there is no member              |
        | {"token": null}      | it is nothing                   |
        | {"token": 5}         | it is a number                  |
        | {"token": ["a"]}     | it is a list                    |
        | ["token"]            | it is no object                 |
        | {"token": "\ud83da"} | it has half of a surrogate pair |
