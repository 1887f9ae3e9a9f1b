Feature: Addresses as people have them
  Real users tables hold capitals, tags, dots, apostrophes and long names, and addresses that differ
  from one another by a single character. A link that reaches the wrong mailbox is an account that
  changes hands, and a link that reaches none locks somebody out.

  @AC-1 @FR-3 @reading-11 @reading-45
  Rule: Whoever is registered under an address gets the link when asking with exactly that address

    Scenario Outline: the address has <feature>
      Given a user who is registered under an address with <feature>
      When the user requests a link
      Then the answer is 202 or a refusal
      And exactly one mail goes out, to the address as it is stored

      Examples:
        | feature                                         |
        | capitals                                        |
        | a tag after a plus                              |
        | dots                                            |
        | an underscore                                   |
        | a percent sign                                  |
        | an apostrophe                                   |
        | unusual legal signs                             |
        | 64 characters before @                          |
        | a long domain                                   |
        | digits only                                     |
        | dots and a tag, at a provider that ignores both |

  @AC-2 @FR-6 @reading-45
  Rule: The link logs in whoever is registered under the address

    Scenario Outline: the link logs in a user whose address has <feature>
      Given a user who is registered under an address with <feature>
      When the user requests a link
      Then exactly one mail goes out, to the address as it is stored
      And its link logs the user in

      Examples:
        | feature            |
        | capitals           |
        | a tag after a plus |
        | an apostrophe      |

  @AC-6 @EC-1 @reading-9 @reading-45
  Rule: An address that nobody registered gets no mail, however much it resembles one that is

    Scenario Outline: the address is like a user's: <difference>
      Given a user, and another address that resembles the user's: <difference>
      When a link is requested for the other address
      Then the answer is 202 or a refusal
      And nobody gets a mail at an address that is not registered

      Examples:
        | difference                                |
        | an underscore is in a letter's place      |
        | a percent sign is in some letters' place  |
        | an asterisk is in some letters' place     |
        | a letter is added in front                |
        | a letter is added before the at-sign      |
        | the last letter is missing                |
        | the domain is another                     |
        | the domain goes on                        |
        | a tag is added                            |
        | a dot is added                            |
        | a Kelvin sign is in a k's place           |
        | a dotless i is in an i's place            |
        | a long s is in an s's place               |
        | a full-width at-sign comes before another |
        | it is quoted and another domain follows   |
        | a comma and another address follow        |
        | a line break and another address follow   |
        | a line break and a blind copy follow      |
        | a NUL and another domain follow           |

    Scenario Outline: an address is not a pattern: <difference>
      Given a user, and another address that resembles the user's: <difference>
      When a link is requested for the other address
      Then the answer is 202 or a refusal
      And nobody gets a mail at all

      Examples:
        | difference                               |
        | an underscore is in a letter's place     |
        | a percent sign is in some letters' place |
        | an asterisk is in some letters' place    |

    @FR-1 @reading-44
    Example: another address is beside a user's in a list
      Given a registered user
      When a link is requested for a list of the user's address and another
      Then the answer is 202 or a refusal
      And nobody gets a mail at an address that is not registered

  @AC-2 @FR-3 @FR-6 @reading-45
  Rule: Two users with similar addresses each get their own link

    Scenario Outline: the second address differs: <difference>
      Given two users whose addresses differ: <difference>
      When each of them requests a link
      Then each of them gets one mail with a link of their own
      And each link logs its own user in

      Examples:
        | difference                               |
        | an underscore is in a letter's place     |
        | a percent sign is in some letters' place |
        | a letter is added before the at-sign     |
        | the domain is another                    |
        | a tag is added                           |
        | a dot is added                           |

  @FR-7 @reading-45
  Rule: Two users with similar addresses each have their own five requests

    Scenario Outline: the count of one leaves the other's alone: <difference>
      Given two users whose addresses differ: <difference>
      When the first of them requests a link 5 times
      Then the second of them can still request a link

      Examples:
        | difference                                |
        | an underscore is in a letter's place      |
        | the domain is another                     |
        | only the end of a long address is another |
        | a tag is added                            |
        | a dot is added                            |
        | a full-width k is in a k's place          |
