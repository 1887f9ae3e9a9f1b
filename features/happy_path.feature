Feature: Happy path
  People who log in rarely should not have to manage a password. They type their email, open the
  link that arrives, and are logged in: once, soon, and just as if they had typed a password.

  @AC-1 @reading-13 @reading-31
  Rule: A registered user who asks for a link gets exactly one mail, with that link in it

    @FR-1 @FR-2 @FR-3
    Example: a registered user asks for a link
      Given a registered user
      When the user requests a link
      Then the answer is 202 with the message "If that email is registered, a link has been sent."
      And exactly one mail goes out to the user
      And the mail holds a link to "/auth/magic-link/verify" with a token

  @AC-2 @reading-10 @reading-24 @reading-26
  Rule: A token that is verified within 15 minutes logs its owner in

    @FR-5 @FR-6
    Example: the link is used right away
      Given a registered user with a link
      When the token is verified
      Then the answer is 200 with the user's id
      And the answer sets the session cookie "auth_token"
      And the session belongs to the user

    @reading-12
    Example: a token that was used is marked as used
      Given a registered user with a link
      Then the token is not yet marked as used in the database
      When the token is verified
      Then the token is marked as used in the database

    @FR-8
    Example: the link is used 14 minutes later
      Given a registered user with a link
      When the token is verified 14 minutes later
      Then the answer is 200 with the user's id
      And the answer sets the session cookie "auth_token"
      And the session belongs to the user

    @FR-6
    Example: the link is asked for on a computer and opened on a phone
      Given a registered user
      When the user requests a link on a computer
      And the link is opened on a phone
      Then the answer is 200 with the user's id

  @AC-3 @reading-40
  Rule: The session is accepted wherever a session is asked for

    @FR-6
    Example: every protected endpoint opens with the session, and only with it
      Given a registered user who logged in with a link
      When the user visits every protected endpoint
      Then each of them accepts the session
      And each of them refuses a visitor without a session
      And each of them refuses a session that was tampered with

    @FR-6
    Example: users who visit at the same moment are each taken for themselves
      Given 8 of many registered users, logged in with a link
      When all of them visit every protected endpoint at the same moment, again and again
      Then each of them is accepted, and shown nobody else's data

    @reading-46
    Example: every protected endpoint opens again for a user who was suspended for a while
      Given a registered user whose account can be changed
      When the user logs in with a link
      And the user is suspended
      And the user visits every protected endpoint
      And the user is active again
      And the user logs in with a link
      And the user visits every protected endpoint
      Then each of them accepts the session

    @FR-6
    Example: every protected endpoint opens for a user without a password, too
      Given a password-less user
      When the user logs in with a link
      And the user visits every protected endpoint
      Then each of them accepts the session
