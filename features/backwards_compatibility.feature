Feature: Backwards compatibility
  Magic links are a second door. The first one, the password, must open exactly as it did before.

  @AC-10 @reading-26 @reading-27
  Rule: Password login still answers 200 and sets the session cookie

    Example: a user logs in with the right password
      Given a registered user with a password
      When the user logs in with the password
      Then the answer is 200
      And the answer sets the session cookie "auth_token"
      And the session belongs to the user

    Example: a user logs in with a wrong password
      Given a registered user with a password
      When the user logs in with a wrong password
      Then the answer sets no session cookie

    @FR-6
    Example: a magic link changes nothing about password login
      Given a registered user with a password
      And the user logged in with a link
      When the user logs in with the password
      Then the answer is 200
      And the answer sets the session cookie "auth_token"
      And the session belongs to the user

    @reading-22
    Example: password logins are not limited as requests for links are
      Given a registered user with a password
      When the user logs in with the password 6 times
      Then every answer is 200

    Scenario Outline: a login is refused: <why>
      When somebody logs in with <credentials>
      Then the answer sets no session cookie

      Examples:
        | credentials                                      | why                       |
        | an address nobody registered and any password    | nobody has that address   |
        | a registered address and an empty password       | the password is empty     |

    @reading-25
    Example: a user without a password cannot log in with one
      Given a password-less user
      When the user tries to log in with any password
      Then the answer sets no session cookie
