Feature: Error states

  @AC-6 @EC-5 @EC-7
  Scenario: Used
    Given a token that was used
    When it is confirmed again
    Then the answer is 400 with `{"error": "TOKEN_USED"}` and `passwordHash` is unchanged

  @AC-7 @NFR-3 @EC-4
  Scenario: Expired
    Given a token that is 31 minutes old
    When it is confirmed
    Then the answer is 400 with `{"error": "TOKEN_EXPIRED"}` and `passwordHash` is unchanged

  @AC-8 @EC-6 @EC-8
  Scenario: Unknown
    Given 64 zeros that were never a token
    When they are confirmed
    Then the answer is 400 with `{"error": "TOKEN_INVALID"}`

  @AC-9 @FR-7
  Scenario: Too short
    Given a token
    When it is confirmed with a password of 11 characters
    Then the answer is 422 with `{"error": "PASSWORD_LENGTH"}`, and the token still works with a password of 12 characters

  @AC-10 @FR-2 @EC-1
  Scenario: Not registered
    Given an email that nobody registered
    When `POST /auth/password-reset/request` is sent with it
    Then the answer is 202 with the message of FR-2 and `outbox` has no new row

  @AC-11 @EC-2
  Scenario: Suspended
    Given a suspended user
    When `POST /auth/password-reset/request` is sent with their email
    Then the answer is 202 and `outbox` has no new row

  @AC-12 @EC-6 @EC-8
  Scenario: Suspended in between
    Given a token of a user who was suspended after the request
    When it is confirmed
    Then the answer is 400 with `{"error": "TOKEN_INVALID"}` and `passwordHash` is unchanged

  @AC-13 @NFR-4 @EC-3 @EC-10
  Scenario: Too many requests
    Given 3 requests for one address within 60 minutes
    When `POST /auth/password-reset/request` is sent for it once more
    Then the answer is 429 with `{"error": "RATE_LIMIT_EXCEEDED"}` and `outbox` has no new row

  @AC-14 @NFR-6 @EC-9
  Scenario: No mail goes out
    Given a mail server that refuses for 10 minutes
    When `mail_worker` gives a mail up
    Then `sentAt` is NULL and one ERROR line is logged

  @AC-15 @EC-11
  Scenario: Not a valid body
    Given a body without the member `email` or `token`
    When `POST /auth/password-reset/request` or `POST /auth/password-reset/confirm` is sent with it
    Then the answer is 400 with `{"error": "INVALID_BODY"}`
