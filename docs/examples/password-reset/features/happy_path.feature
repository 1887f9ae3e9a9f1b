Feature: Happy path

  @AC-1 @FR-1 @FR-2 @FR-3 @FR-4 @NFR-1
  Scenario: A link is mailed
    Given a registered, active user
    When `POST /auth/password-reset/request` is sent with their email
    Then the answer is 202 with the message of FR-2, and `outbox` has one mail to them with a link that matches `https://*/reset-password?token=` and 64 hexadecimal characters

  @AC-2 @FR-5 @FR-6 @NFR-3 @NFR-8
  Scenario: The new password works
    Given a token that is 29 minutes old
    When `POST /auth/password-reset/confirm` is sent with it and a password of 12 characters
    Then the answer is 204 and `POST /auth/login` with that password answers 200

  @AC-3 @FR-6
  Scenario: The old password is gone
    Given a user who reset their password
    When `POST /auth/login` is sent with the old password
    Then the answer is 401

  @AC-4 @FR-10
  Scenario: The user is told
    Given a token
    When the password is reset with it
    Then `outbox` has one mail with the subject "Your password was changed" to that user

  @AC-5 @NFR-6
  Scenario: It is logged
    Given a token
    When the password is reset with it
    Then one INFO line has the user's id, and no log line has the token, the password or the whole address
