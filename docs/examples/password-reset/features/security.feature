Feature: Security

  @AC-16 @NFR-1 @NFR-2
  Scenario: Only the hash is stored
    Given a mail with a link
    When `password_reset_tokens` is read
    Then `tokenHash` is the SHA-256 of the token in the link, and no column has the token

  @AC-17 @EC-5 @EC-7
  Scenario: Two at once
    Given one token
    When 16 requests confirm it at once, each with another password
    Then one answer is 204, the others are 400 with `{"error": "TOKEN_USED"}`, and the password of the 204 is the one that logs in

  @AC-18 @FR-8 @EC-5 @EC-7
  Scenario: Other links
    Given two unused tokens of one user
    When the password is reset with the first
    Then the second is answered with 400 and `{"error": "TOKEN_USED"}`

  @AC-19 @FR-9
  Scenario: Old sessions
    Given a session that was begun before the reset
    When `GET /me` is sent with its `auth_token`
    Then the answer is 401

  @AC-20 @NFR-5 @EC-3 @EC-10
  Scenario: Guessing
    Given 20 calls of confirm from one IP address within 10 minutes
    When `POST /auth/password-reset/confirm` is sent from it once more
    Then the answer is 429 with `{"error": "RATE_LIMIT_EXCEEDED"}`

  @AC-21 @FR-2
  Scenario: Accounts cannot be told apart
    Given 100 registered and 100 unregistered emails
    When a reset is requested for each in random order
    Then status and body are the same, and the medians of the times differ by less than 20 ms
