@shares-contract
Feature: Contract
  Clients are written against the OpenAPI document. Whatever they send, in form or out of form, the
  answers must be the ones that it describes. (schemathesis makes the requests and prints its seed.)

  Rule: No answer contradicts the OpenAPI document

    @FR-1 @reading-9 @reading-29 @reading-30
    Example: requesting a link takes an email and refuses anything else
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts FR-1

    @FR-2 @reading-28
    Example: an accepted request is answered with 202 and the message
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts FR-2

    @FR-5 @reading-9 @reading-29 @reading-30
    Example: verifying takes a token and refuses what is no string
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts FR-5

    @FR-6
    Example: a live token is answered with 200, the userId and a cookie
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts FR-6

    @EC-3
    Example: a refusal for too many requests is 429 with its error
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts EC-3

    @EC-6 @reading-9
    Example: a string that is no live token is answered with TOKEN_INVALID
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts EC-6

    @AC-10
    Example: password login answers as the document says
      When requests of every shape that the OpenAPI document allows, and others, are sent
      Then no answer contradicts AC-10
