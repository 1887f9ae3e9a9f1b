'use strict';

const { MailService } = require('@sendgrid/mail');

class MailError extends Error {
  constructor(cause) {
    // The client's own errors carry the whole request, link included: keep the code only.
    super(`the mail provider did not accept the message (${cause.code || cause.name})`);
    this.name = 'MailError';
    this.code = cause.code;
  }
}

/** Transactional mail through SendGrid's v3 API. Both operations throw MailError. */
function createMailer({ apiKey, baseUrl, from, timeoutMs }) {
  const service = new MailService();
  service.setApiKey(apiKey);
  service.client.setDefaultRequest('baseUrl', baseUrl);
  service.setTimeout(timeoutMs);

  async function send(message) {
    try {
      await service.send({
        from,
        // Click tracking would route the link, and the token in it, through another host.
        trackingSettings: { clickTracking: { enable: false, enableText: false } },
        ...message,
      });
    } catch (error) {
      throw new MailError(error);
    }
  }

  return {
    sendTransactional: (to, subject, html) => send({ to, subject, html }),

    /** The same call in sandbox mode: it takes as long and fails alike, but delivers nothing. */
    rehearseTransactional: (subject, html) =>
      send({ to: from, subject, html, mailSettings: { sandboxMode: { enable: true } } }),
  };
}

module.exports = { createMailer };
