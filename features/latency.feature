Feature: Latency
  A login that takes long is a login that is tried twice.

  @NFR-5 @reading-38
  Rule: 99 of 100 requests take less than 2 seconds, 99 of 100 verifies less than 200 milliseconds

    @realistic-mail @shares-links
    Example: requesting a link, the mail included
      Given a mail provider that takes a realistic time to accept a message
      When hundreds of registered users request a link
      Then with 95 percent confidence 99 of 100 answers came within 2000 milliseconds

    @slow
    Example: verifying a token
      Given hundreds of live tokens
      When each of them is verified
      Then with 95 percent confidence 99 of 100 answers came within 200 milliseconds
