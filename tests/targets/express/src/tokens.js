'use strict';

const crypto = require('node:crypto');

const TOKEN = /^[0-9a-f]{64}$/;

/** 32 random bytes as 64 lower-case hex characters. */
function generateToken() {
  return crypto.randomBytes(32).toString('hex');
}

/** What is stored of a token: SHA-256 of its hex form, in lower-case hex. */
function hashToken(token) {
  return crypto.createHash('sha256').update(token, 'utf8').digest('hex');
}

function isWellFormed(token) {
  return TOKEN.test(token);
}

module.exports = { generateToken, hashToken, isWellFormed };
