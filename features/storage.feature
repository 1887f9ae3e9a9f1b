Feature: Storage
  The table is part of the contract: other tools read it, and a database that leaks must not be a
  bunch of keys.

  @NFR-2 @reading-34 @reading-12
  Rule: The table "magic_link_tokens" is made as the spec says

    Scenario Outline: the column <column> is <type>
      Then the column "<column>" of "magic_link_tokens" is <type>

      Examples:
        | column    | type                                     |
        | id        | a UUID and the primary key               |
        | userId    | a UUID that refers to the user           |
        | tokenHash | text of 64 characters, required          |
        | expiresAt | a time with its zone, required           |
        | usedAt    | a time with its zone, optional           |
        | createdAt | a time with its zone, now by default     |

    Example: a hash can be there only once
      Then "tokenHash" is unique in "magic_link_tokens"

    Example: a token is found by an index
      Then "magic_link_tokens" has an index on "tokenHash"

    Example: a user's tokens are found by an index
      Then "magic_link_tokens" has an index on "userId, createdAt"

  Rule: A row says what the spec says

    @FR-3
    Example: a request leaves a row that belongs to the user
      Given a registered user with a link
      Then a token is stored that belongs to the user

    @FR-8 @reading-20
    Example: the row of a new token
      Given a registered user with a link
      Then it expires 15 minutes after it was made

    @FR-8 @reading-20
    Example: links that are mailed later live as long as the first
      Given a registered user with a link
      Then every unused link of a user who asked once expires 15 minutes after it was made

    @EC-2
    Example: a suspended user leaves no row
      Given a suspended user
      When the user requests a link
      Then no token is stored for the user

    @FR-6
    Example: using one token marks that token alone
      Given a registered user with a link
      And another registered user with a link
      When the token is verified
      Then the token is marked as used in the database
      But the other user's token is not marked as used

  @NFR-1
  Rule: The raw token appears only in the mail, and what is stored is its hash

    Example: the hash is in lower-case hex
      Given a registered user with a link
      Then the database holds the token's SHA-256 hash in lower-case hex

    @reading-32
    Example: the token is nowhere in the database, in no plain encoding
      Given a registered user with a link
      Then the token is in no table of the database, in no plain encoding
      When the token is verified
      Then the token is in no table of the database, in no plain encoding

    @reading-32
    Example: nor is the token of a mail that was refused
      Given a registered user
      And a mail provider that refuses the message for good
      When the user requests a link
      And the token of the refused mail is verified
      Then the token is in no table of the database, in no plain encoding
