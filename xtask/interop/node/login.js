// Discovery, both ways to log in, refresh and refusals, by the client's own modules.
'use strict';

const assert = require('node:assert/strict');
const { promisify } = require('node:util');
const { ask, check, play } = require('./conductor.js');

const CSDSClient = require('node-agent-sdk/lib/CSDSClient');
const service = require('node-agent-sdk/lib/ExternalServices');
const SDKError = require('node-agent-sdk/lib/error/SDKError');

// The client gives the cookies as third argument, so `promisify` alone would lose them.
function login(options) {
  return new Promise((resolve, reject) => {
    service.login(options, (error, answer, jar) => (error ? reject(error) : resolve({ answer, jar })));
  });
}

const refresh = promisify(service.refreshSession);

function assertSession({ answer }, user) {
  assert.match(answer.bearer, /^\S+$/);
  assert.match(answer.csrf, /^\S+$/);
  assert.equal(answer.config.userId, user.userId);
  assert.equal(answer.config.userPid, user.userPid);
}

play(async ({ account, csds, users, apiKeys }) => {
  const person = users.find((user) => user.enabled && user.type === 'Human');
  const bot = users.find((user) => user.appKey);
  const key = apiKeys.find((one) => one.appKey === bot.appKey);

  const domains = await check('the Domain API lists the hosts that the client uses', async () => {
    const client = new CSDSClient({ csdsDomain: csds, accountId: account });
    const found = await promisify((callback) => client.getAll(callback))();
    for (const name of ['agentVep', 'asyncMessagingEnt']) assert.match(found[name], /^[^/]+$/, name);
    return found;
  });
  const options = { accountId: account, domain: domains.agentVep };

  const session = await check('a user logs in with a password', async () => {
    const given = await login({ ...options, username: person.loginName, password: person.password });
    assertSession(given, person);
    return given;
  });
  const again = { ...options, csrf: session.answer.csrf, jar: session.jar };

  await check('a refresh with the csrf token and the cookies is accepted', async () => {
    const answer = await refresh(again);
    assert.equal(answer && answer.error, undefined);
  });

  await check('a refresh of a session that was ended is refused with 401', async () => {
    await ask('sessions.expire', { loginName: person.loginName });
    await assert.rejects(refresh(again), (error) => error.code === 401);
  });

  await check('a bot logs in with an API key, and refreshes', async () => {
    const given = await login({
      ...options,
      username: bot.loginName,
      appKey: key.appKey,
      secret: key.secret,
      accessToken: key.accessToken,
      accessTokenSecret: key.accessTokenSecret,
    });
    assertSession(given, bot);
    await refresh({ ...options, csrf: given.answer.csrf, jar: given.jar });
  });

  // The client makes such an error of any answer that has a member `error`, and of no other.
  await check('a wrong password is recognised as a refusal', async () => {
    const wrong = login({ ...options, username: person.loginName, password: `${person.password}!` });
    await assert.rejects(wrong, SDKError);
  });
});
