'use strict';

// The address syntax of HTML's <input type="email">: ASCII only, no blanks, one recipient.
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const MAX_LENGTH = 254;

/** The address in the one spelling that is stored and counted, or null when it is not an address. */
function normaliseEmail(value) {
  if (typeof value !== 'string') return null;
  const email = value.trim();
  if (email.length > MAX_LENGTH || !ADDRESS.test(email)) return null;
  return email.toLowerCase();
}

/** The only part of an address that may be logged. */
function emailDomain(email) {
  return email.slice(email.lastIndexOf('@') + 1);
}

module.exports = { normaliseEmail, emailDomain };
