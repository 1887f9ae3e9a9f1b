@advisory
Feature: Advisories
  No requirement forbids what is looked at here, and all of it has hurt somebody somewhere. What is
  found is reported as advice and decides nothing.

  Rule: Opening the link gives nothing away and uses nothing up

    @FR-5 @reading-8
    Example: a mail scanner that opens the link does not use it up
      Given a registered user with a link
      When a mail scanner opens the link
      Then the user's own token still works

    @FR-4 @reading-8
    Example: the page behind the link keeps the token to itself
      Given a registered user with a link
      When the link is opened in a browser
      Then the page asks browsers to send no referrer and to store nothing

    @NFR-1 @reading-32
    Example: opening the link leaves no token in the log
      Given a registered user with a link
      When a mail scanner opens the link
      Then the log holds no token

    @NFR-1 @reading-32
    Example: the database does not see the token when it is verified
      Given a registered user with a link
      When the token is verified while its row is held
      Then the statement that waits for the row does not hold the token

    @NFR-4 @reading-32
    Example: a login leaves no session and no whole address in the log
      Given a registered user with a password
      When the user logs in with the password
      Then the log holds no session
      And the log holds no whole address

    @NFR-4 @reading-32
    Example: no line about a link that was sent holds the whole address
      Given a registered user
      When the user requests a link
      Then the log holds no whole address

    @NFR-4 @reading-32
    Example: no line about a mail that could not be sent holds the whole address
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      Then the log holds no whole address

    @NFR-4 @reading-47
    Example: a request beyond the limit was received like any other
      Given an address nobody registered
      When a link is requested for the address 5 times
      And the log is read from then on
      And a link is requested for the address once more
      Then the log has "request_received" at level INFO

  Rule: A token is taken to the letter, from the service's own pages

    @EC-6 @FR-5 @reading-9
    Scenario Outline: a token is presented <spelling>
      Given a registered user with a link
      When the token is presented <spelling>
      Then the answer is 400 with the error "TOKEN_INVALID"
      And the user's own token still works

      Examples:
        | spelling                     |
        | in capitals                  |
        | with blanks around it        |
        | with a line break behind it  |

    @FR-5 @reading-29
    Scenario Outline: another site cannot log its visitor in with <what>
      Given a registered user with a link
      When another site posts the token as <what>
      Then the answer sets no session cookie
      And the user's own token still works

      Examples:
        | what       |
        | a form     |
        | plain text |

    @FR-6 @reading-43
    Example: the session stays on safe connections and on the service's own site
      Given a registered user who logged in with a link
      Then the session cookie travels over https alone and never comes along from other sites

  Rule: A link is worth what its owner's account is worth at that moment

    @FR-6 @EC-6 @reading-7
    Example: a user who was suspended meanwhile is not logged in
      Given a registered user with a link
      When the user is suspended
      And the token is verified
      Then the answer is a refusal
      And the answer sets no session cookie

    @FR-6 @reading-42
    Example: a link from before a change of password is refused
      Given a registered user with a link
      When another password is stored for the user
      And the token is verified
      Then the answer is a refusal
      And the answer sets no session cookie

  Rule: Requests for somebody else's address do no harm

    @FR-7 @reading-11
    Example: another spelling of the address does not fill the mailbox any further
      Given a registered user
      When the user requests a link 5 times
      Then every answer is 202
      When the user requests a link once more with the address in capitals
      Then the request is refused, or no further mail goes out to the user

    @FR-7 @EC-3 @reading-2
    Example: a stranger who keeps asking does not keep the owner out for good
      Given a registered user
      When a link is requested for the address 5 times
      Then every answer is 202
      When 30 minutes pass
      And a link is requested for the address 5 times
      And 31 minutes pass
      And the user requests a link once more
      Then the answer is 202 with the message "If that email is registered, a link has been sent."

  Rule: A mail provider in trouble does not become the trouble of others

    @FR-2 @NFR-3 @EC-1 @reading-6
    Example: an outage of the mail provider does not tell addresses apart
      Given a mail provider that is down
      When links are requested for a registered user and for an address nobody registered
      Then both answers have the same status, the same error code and the same members

    @FR-3 @reading-35
    Example: a link works before the mail provider has confirmed the mail
      Given a registered user
      And a mail provider that never answers
      When the user opens the link before the request is answered
      Then the answer is 200 with the user's id

    @NFR-3 @reading-17
    Example: a mail provider that never answers does not hold a request open without end
      Given a registered user
      And a mail provider that never answers
      When the user requests a link and waits 15 seconds at most
      Then there is an answer

    @NFR-5 @reading-38
    Example: a slow mail provider does not slow down logins
      Given 10 registered users with a link each
      And a mail provider that takes 1 second to accept a message
      When 12 other users request a link, and half of the tokens are verified meanwhile
      Then most answers came within 200 milliseconds, or would have taken as long without it

    @NFR-5 @reading-38
    Example: requests do not queue for a slow mail provider
      Given 12 registered users
      And a mail provider that takes 1 second to accept a message
      When each of them requests a link at the same moment
      Then no answer takes 4 seconds more than with a mail provider that takes no time
