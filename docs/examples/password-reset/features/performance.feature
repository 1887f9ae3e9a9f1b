Feature: Performance

  @AC-22 @NFR-7
  Scenario: Latency
    Given 20 requests per second for 60 seconds
    When the times of `POST /auth/password-reset/request` are measured
    Then 99 % of the answers took less than 300 ms

  @AC-23 @NFR-3
  Scenario: Old tokens are deleted
    Given a token that is 8 days old
    When `nightly` has run
    Then `password_reset_tokens` does not have it

  @AC-24 @NFR-8
  Scenario: Login is unchanged
    Given valid credentials
    When `POST /auth/login` is sent with them
    Then the answer is 200 and sets `auth_token`
