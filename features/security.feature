Feature: Security
  Whoever reads the database must not be able to log in with what is stored there, and whoever watches
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

    @EC-1 @realistic-mail @shares-repeats @reading-14
    Example: an address that is asked for again is answered alike, whatever time a mail takes
      Given the service is started anew, with a mail provider of another pace
      When links are requested again and again for registered users and for addresses nobody registered, in turns
      Then the answers have the same status
      And the answers have the same body
      And the median times of the answers differ by less than 50 milliseconds

    @EC-1 @realistic-mail @shares-repeats @reading-14
    Example: the first answers after a start do not tell addresses apart
      Given a mail provider that takes a realistic time to accept a message
      When the service is started 3 times, and the first link of each time is requested for an address nobody registered
      Then these first answers do not come sooner than answers to users by more than 50 milliseconds
