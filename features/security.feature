Feature: Security
  Whoever reads the database must not be able to log in with what stands there, and whoever watches
  the answers must not be able to learn who has an account.

  @AC-8 @reading-12
  Rule: The database holds the SHA-256 hash of the token, never the token itself

    Example: a token is stored as its hash
      Given a registered user with a link
      Then the stored token is the SHA-256 hash of the one in the mail
      And the token itself is nowhere in the table of tokens

  @AC-9 @reading-28
  Rule: The answer to a request is the same whether or not the email exists

    @FR-2 @EC-1 @realistic-mail @shares-strangers @reading-14
    Example: known and unknown addresses are answered alike, in the same time
      Given a mail provider that takes a realistic time to accept a message
      When links are requested for registered users and for addresses nobody registered, in turns
      Then the answers have the same status
      And the answers have the same body
      And the median times of the answers differ by less than 50 milliseconds
