'use strict';

const pino = require('pino');

/** JSON lines on standard output. Errors are cut down to what cannot carry a token or an address. */
function createLogger(level) {
  return pino({
    level,
    serializers: {
      err: ({ name, message, code, stack }) => ({ name, message, code, stack }),
    },
  });
}

module.exports = { createLogger };
