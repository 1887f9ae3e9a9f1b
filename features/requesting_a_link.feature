Feature: Requesting a link
  Anybody can type any address. Whoever asks must get one and the same answer, so that the answer
  says nothing about who has an account here.

  Rule: Whatever address is asked for, the answer is the same sentence

    @FR-2 @FR-3 @reading-28
    Example: a registered user is answered with it
      Given a registered user
      When the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And the answer is JSON
      And the answer sets no session cookie

    @FR-3 @reading-25
    Example: a user who never set a password is answered with it, and gets a link that works
      Given a password-less user
      When the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And exactly one mail goes out to the user
      And the mail holds a link to "/auth/magic-link/verify" with a token
      When the token is verified
      Then the answer is 200 with the user's id

    @EC-1 @reading-28
    Example: an address that nobody registered is answered with it
      Given an address nobody registered
      When a link is requested for the address
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And the answer is JSON
      And the answer sets no session cookie
      And no mail goes out to the address

    @EC-2 @reading-28
    Example: a suspended user is answered with it and gets no mail
      Given a suspended user
      When the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And the answer is JSON
      And the answer sets no session cookie
      And no mail goes out to the address
      But a registered user who requests a link at the same time gets a mail

    @AC-1 @FR-3 @realistic-mail
    Example: a user who asks several times at the same moment gets a mail for each
      Given a mail provider that takes a realistic time to accept a message
      And one of many registered users
      When the user requests a link 4 times at the same moment
      Then as many mails go out to the user as requests were accepted

    @AC-2 @FR-3 @FR-6 @realistic-mail
    Example: users who ask at the same moment each get a link of their own
      Given a mail provider that takes a realistic time to accept a message
      And up to 12 registered users
      When each of them requests a link at the same moment
      Then each of them gets one mail with a link of their own
      And each link logs its own user in

    @AC-1 @FR-3
    Scenario Outline: a user asks in a browser that holds <what>
      Given one of many registered users
      And a browser that holds <what>
      When the user requests a link in that browser
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And exactly one mail goes out to the user

      Examples:
        | what                             |
        | a session that cannot be read    |
        | a session that was tampered with |
        | another user's session           |

  @reading-46
  Rule: What counts is who is registered and active at that moment

    @EC-2
    Example: a user is suspended after asking for a link
      Given a registered user whose account can be changed
      When the user requests a link 3 times at the same moment
      And the mails to the user have come
      And the user is suspended
      And the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And nothing more is mailed to the user

    @AC-6 @EC-1
    Example: a user is deleted after asking for a link
      Given a registered user whose account can be changed
      When the user requests a link 3 times at the same moment
      And the mails to the user have come
      And the user is deleted
      And a link is requested for the address
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And nothing more is mailed to the user

    @AC-1 @FR-3
    Example: somebody registers after asking for a link in vain
      Given an address nobody registered
      When a link is requested for the address 3 times at the same moment
      And somebody registers with the address
      Then the user gets a mail when asking again

    @AC-1 @FR-3
    Example: a suspended user is active again after asking for a link in vain
      Given a suspended user whose account can be changed
      When the user requests a link 3 times at the same moment
      And the user is active again
      Then the user gets a mail when asking again

    @AC-2 @FR-6 @reading-7
    Example: a suspended user is active again after opening a link in vain
      Given a registered user with a link, whose account can be changed
      When the user is suspended
      And the token is verified
      And the user is active again
      Then the user can log in with a new link

  Rule: Nothing else about the answer tells addresses apart either

    @EC-1 @realistic-mail @shares-strangers @reading-15
    Example: the headers are the same for known and unknown addresses
      Given a mail provider that takes a realistic time to accept a message
      When links are requested for registered users and for addresses nobody registered, in turns
      Then no header of the answers distinguishes the two

    @EC-2 @realistic-mail @shares-suspended @reading-15 @reading-14 @reading-28
    Example: suspended users are answered like registered ones, in the same time
      Given a mail provider that takes a realistic time to accept a message
      When links are requested for registered users and for suspended ones, in turns
      Then the answers have the same status
      And the answers have the same body
      And the median times of the answers differ by less than 50 milliseconds

  @FR-1 @reading-9
  Rule: A request is a JSON body with an email in it

    @reading-29
    Example: the body says that its text is UTF-8
      Given a registered user
      When the user requests a link with JSON that says that it is UTF-8
      Then the answer is 202 with the message "If that email is registered, a link has been sent."

    Scenario Outline: a body without an email is refused: <why>
      When a link is requested with the body <body>
      Then the answer is a refusal
      And the answer sets no session cookie

      Examples:
        | body              | why                 |
        | {}                | there is no member  |
        | {"email": null}   | it is nothing       |
        | {"email": 5}      | it is a number      |
        | {"email": ["a"]}  | it is a list        |
        | ["email"]         | it is no object     |
        | {"email": "a      | it is broken off    |

    Scenario Outline: a string that is no address does no harm: <why>
      When a link is requested with the body <body>
      Then the answer is 202 or a refusal
      And a registered user who requests a link afterwards gets a mail

      Examples:
        | body                                | why                    |
        | {"email": ""}                       | it is empty            |
        | {"email": "nobody"}                 | it has no domain       |
        | {"email": "a\u0000b@example.com"}   | it has a NUL in it     |
        | {"email": "a@b@example.com"}        | it has two at-signs    |
