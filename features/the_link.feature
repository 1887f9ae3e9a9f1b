Feature: The link
  The link is the key. It must lead to where the service really lives, and nobody must be able to
  guess it.

  @FR-4
  Rule: The link is https://{APP_BASE_URL}/auth/magic-link/verify?token={raw_token}

    @reading-13 @reading-31
    Example: the link leads to the address that the service is configured with
      Given a registered user with a link
      Then the link leads to the configured address

    @reading-31 @slow
    Scenario Outline: the service is configured with the address <address>
      Given the service is configured with the address "<address>"
      And a registered user with a link
      Then the link leads to the configured address

      Examples:
        | address                   |
        | login.example.com:8443    |
        | login.example.com/members |

    Scenario Outline: a forged host in the request does not change where the link leads: <which>
      Given a registered user
      When a link is requested for the user under a forged host: <which>
      Then the request is refused, or the link that is mailed leads to no forged host

      Examples:
        | which                              |
        | somebody else's                    |
        | one that begins with the right one |
        | one that ends with the right one   |

    Example: what else a request asks for does not change where the link leads
      Given a registered user
      When a link is requested for the user with a place to return to, in the body and in the query
      Then the request is refused, or the link that is mailed leads to no forged host

  @NFR-1
  Rule: A token is 32 random bytes, written as 64 hexadecimal characters

    Example: a token has the right form
      Given a registered user with a link
      Then the token is 64 hexadecimal characters

    Example: a second link has a token of its own
      Given a registered user with a link
      When the user requests another link
      Then the new token is another one than the one before

    @realistic-mail @shares-links
    Example: hundreds of tokens show no pattern
      When hundreds of registered users request a link
      Then their tokens show no repeats, no shared parts and no bias

    Example: a token cannot be predicted from others
      When dozens of registered users request a link, one after another
      Then no generator is found that predicts their tokens

    Example: the answer to a request does not hold the token
      Given a registered user with a link
      Then no answer so far holds the token
