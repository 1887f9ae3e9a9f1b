'use strict';

/** Express 4 does not wait for promises: hands a handler's rejection on to the error handler. */
function asyncRoute(handler) {
  return (req, res, next) => {
    handler(req, res, next).catch(next);
  };
}

module.exports = { asyncRoute };
