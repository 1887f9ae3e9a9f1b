@exploration @shares-exploration
Feature: Sequences
  The other features look at one thing at a time. Here registered users, suspended ones and strangers
  request links, open new and old ones, log in, and wait, in orders that nobody has thought of; each
  step is held against what the spec allows after all that came before. What does not fit is made
  as short as it can be. (The run's seed repeats it.)

  Rule: Whatever people do one after the other, the service answers as the spec says

    @FR-2 @reading-6
    Example: a request is answered as it should be, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts FR-2

    @FR-3 @reading-35
    Example: every link that is mailed has its row
      When people do one thing after another, in many orders
      Then nothing that people did contradicts FR-3

    @FR-6 @reading-5 @reading-7
    Example: a valid link logs in, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts FR-6

    @FR-7 @reading-2 @reading-3
    Example: five requests of an hour are accepted, and no sixth, whatever comes between
      When people do one thing after another, in many orders
      Then nothing that people did contradicts FR-7

    @FR-8 @reading-18
    Example: a link lives 15 minutes, whatever comes between
      When people do one thing after another, in many orders
      Then nothing that people did contradicts FR-8

    @NFR-3 @reading-36
    Example: a mail that cannot be sent leaves nothing behind
      When people do one thing after another, in many orders
      Then nothing that people did contradicts NFR-3

    @EC-2 @reading-1
    Example: a suspended user gets nothing, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-2

    @EC-3 @reading-23 @reading-28
    Example: every refusal says that there were too many requests
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-3

    @EC-4 @reading-41
    Example: an expired link is called expired, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-4

    @EC-5 @reading-4 @reading-41
    Example: a used link stays used, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-5

    @EC-6 @reading-9
    Example: a token that nobody was sent is called invalid, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-6

    @EC-7 @reading-6 @reading-36
    Example: a mail that cannot be sent is admitted, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts EC-7

    @AC-1 @reading-17
    Example: every accepted request of a user brings one mail
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-1

    @AC-2 @reading-34
    Example: every login marks its link as used
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-2

    @AC-3 @reading-40
    Example: the session of a moment ago is accepted, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-3

    @AC-6 @reading-45
    Example: an address that nobody registered gets no mail, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-6

    @AC-7 @reading-22
    Example: no refusal brings a mail
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-7

    @AC-10 @reading-27
    Example: the password logs in, whatever came before
      When people do one thing after another, in many orders
      Then nothing that people did contradicts AC-10
