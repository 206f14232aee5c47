// What a long-running agent lives through: refreshes, a socket that the server closes, a token that becomes invalid.
'use strict';

const assert = require('node:assert/strict');
const { Agent, text } = require('./agent.js');
const { ask, check, play } = require('./conductor.js');

const REFRESH_MS = 250;

play(async ({ account, csds, users }) => {
  const person = users.find((user) => user.enabled && user.type === 'Human' && user.skills.length < 5);
  const agent = new Agent({
    accountId: account,
    csdsDomain: csds,
    username: person.loginName,
    password: person.password,
    refreshSessionInterval: REFRESH_MS,
  });
  await check('the client is connected', () => agent.next('connected'));
  await agent.takeUpWork();
  const { conversation: dialogId } = await ask('consumer.open', { skill: String(person.skills[0]), text: 'one' });
  await agent.acceptRing(dialogId);
  await agent.conversation(({ convId }) => convId === dialogId);

  await check('three refreshes pass and the socket stays open', async () => {
    await ask('requests.await', { route: 'login.refresh', status: 200, times: 3 });
    await agent.call('getClock');
    assert.deepEqual(agent.events.filter(({ type }) => type === 'closed' || type === 'error'), []);
  });

  await check('a close by the server is told with its code', async () => {
    await ask('sockets.close', { loginName: person.loginName, code: 1001 });
    assert.equal(await agent.next('closed'), 1001);
  });

  await check('what the consumer writes meanwhile is there after the return with the same token', async () => {
    await ask('consumer.say', { text: 'two' });
    agent.client.reconnect(true);
    await agent.next('connected');
    await agent.takeUpWork();
    await agent.conversation(({ convId }) => convId === dialogId);
    await agent.call('subscribeMessagingEvents', { dialogId });
    await agent.message(({ event }) => event.message === 'two');
  });

  await check('an invalid token closes the socket with 4401', async () => {
    await ask('sessions.expire', { loginName: person.loginName });
    assert.equal(await agent.next('closed'), 4401);
  });

  await check('after a new login the agent still has its conversation', async () => {
    agent.client.reconnect();
    await agent.next('connected');
    await agent.takeUpWork();
    const { conversationDetails } = await agent.conversation(({ convId }) => convId === dialogId);
    assert.equal(conversationDetails.getMyRole(), 'ASSIGNED_AGENT');
    await agent.call('publishEvent', text(dialogId, 'three'));
  });
  agent.dispose();
});
