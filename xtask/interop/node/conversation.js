// A whole conversation with a consumer, from the ring to its end, with everything that an agent can send.
'use strict';

const assert = require('node:assert/strict');
const { promisify } = require('node:util');
const { Agent, text } = require('./agent.js');
const { ask, check, play } = require('./conductor.js');

const CSDSClient = require('node-agent-sdk/lib/CSDSClient');

// A picture of one pixel.
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const CARD = {
  type: 'vertical',
  elements: [
    { type: 'text', text: 'Blue kettle', tooltip: 'Blue kettle', style: { bold: true, size: 'large' } },
    {
      type: 'button',
      title: 'Buy',
      tooltip: 'Buy',
      click: {
        metadata: [{ type: 'ExternalId', id: 'buy-kettle' }],
        actions: [{ type: 'publishText', text: 'I take the kettle' }],
      },
    },
  ],
};

play(async ({ account, csds, users }) => {
  const person = users.find((user) => user.enabled && user.type === 'Human' && user.skills.length < 5);
  const agent = new Agent({
    accountId: account,
    username: person.loginName,
    password: person.password,
    csdsDomain: csds,
  });

  await check('the client finds its hosts, logs in with a password and opens its socket', async () => {
    await agent.next('connected');
    assert.equal(agent.client.agentId, person.userPid);
  });

  await check('the clock is the time', async () => {
    const { currentTime } = await agent.call('getClock');
    assert.ok(Math.abs(currentTime - Date.now()) < 60000, String(currentTime));
  });

  await check('a change of the own presence is accepted and told', async () => {
    await agent.call('subscribeAgentsState', {});
    await agent.call('setAgentState', { availability: 'ONLINE' });
    await agent.next('routing.AgentStateNotification', (body) => body.changes
      .some(({ result }) => result.availability === 'ONLINE' && result.channels.includes('MESSAGING')));
  });

  await check('a subscription of conversations begins with what there is: nothing', async () => {
    const { subscriptionId } = await agent.call('subscribeExConversations', {
      convState: ['OPEN'],
      agentIds: [agent.client.agentId],
    });
    const first = await agent.next('cqm.ExConversationChangeNotification');
    assert.deepEqual([first.subscriptionId, first.changes], [subscriptionId, []]);
  });

  await check('so does a subscription of rings', async () => {
    const { subscriptionId } = await agent.call('subscribeRoutingTasks', {});
    const first = await agent.next('routing.RoutingTaskNotification');
    assert.deepEqual([first.subscriptionId, first.changes], [subscriptionId, []]);
  });

  const skill = String(person.skills[0]);
  const { conversation: dialogId } = await ask('consumer.open', { skill, text: 'Hello?' });

  await check('a conversation of the skill rings, and the ring is accepted', async () => {
    const { task, ring } = await agent.acceptRing(dialogId);
    assert.equal(task.skillId, skill);
    assert.equal(ring.ringExpiration, 72000);
    await agent.next('routing.RoutingTaskNotification', ({ changes }) => changes.some(({ result }) => (
      result.taskCompleted && result.ringsDetails.some((one) => one.ringState === 'ACCEPTED'))));
  });

  const consumerId = await check('the agent is the assigned agent of the conversation', async () => {
    const { conversationDetails } = await agent.conversation(({ convId }) => convId === dialogId);
    assert.equal(conversationDetails.getMyRole(), 'ASSIGNED_AGENT');
    assert.equal(conversationDetails.skillId, skill);
    assert.equal(conversationDetails.state, 'OPEN');
    assert.equal(conversationDetails.dialogs[0].dialogId, dialogId);
    const ids = (role) => conversationDetails.participants.filter((one) => one.role === role).map(({ id }) => id);
    assert.deepEqual(ids('ASSIGNED_AGENT'), [person.userPid]);
    assert.equal(ids('CONSUMER').length, 1);
    const inDialog = conversationDetails.dialogs[0].participantsDetails.find(({ role }) => role === 'ASSIGNED_AGENT');
    assert.equal(inDialog.id, person.userPid);
    return ids('CONSUMER')[0];
  });

  await check('the history has what the consumer wrote before', async () => {
    await agent.call('subscribeMessagingEvents', { dialogId, fromSeq: 0 });
    const first = await agent.message(({ sequence, event }) => sequence === 0 && event.message === 'Hello?');
    assert.equal(first.originatorId, consumerId);
    assert.equal(first.originatorMetadata.role, 'CONSUMER');
    assert.equal(first.isMe(), false);
  });

  await check('a published text comes back with the sequence of its answer', async () => {
    const { sequence } = await agent.call('publishEvent', text(dialogId, 'How can I help?'));
    const own = await agent.message(({ event }) => event.message === 'How can I help?');
    assert.equal(own.sequence, sequence);
    assert.equal(own.isMe(), true);
    assert.equal(own.originatorId, person.userPid);
  });

  await check('what the consumer writes arrives, and a read receipt is stored', async () => {
    await ask('consumer.say', { text: 'Where is my order?' });
    const question = await agent.message(({ event }) => event.message === 'Where is my order?');
    const event = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [question.sequence] };
    const { sequence } = await agent.call('publishEvent', { dialogId, event });
    assert.ok(sequence > question.sequence, `${sequence} after ${question.sequence}`);
  });

  await check('typing is told both ways and takes no sequence', async () => {
    const event = { type: 'ChatStateEvent', chatState: 'COMPOSING' };
    assert.equal((await agent.call('publishEvent', { dialogId, event })).sequence, 0);
    await ask('consumer.type', {});
    const state = await agent.message((one) => one.event.chatState === 'COMPOSING' && !one.isMe());
    assert.equal(state.sequence, undefined);
  });

  await check('a card arrives, and its button answers with the metadata of the click', async () => {
    const event = { type: 'RichContentEvent', content: CARD };
    const metadata = [{ type: 'ExternalId', id: 'card-9' }];
    const { sequence } = await agent.call('publishEvent', { dialogId, event }, metadata);
    await ask('consumer.click', { sequence, title: 'Buy' });
    const action = await agent.message((one) => one.event.status === 'ACTION');
    assert.deepEqual(action.event.sequenceList, [sequence]);
    assert.equal(action.metadata[0].id, 'buy-kettle');
    const answer = await agent.message((one) => one.event.message === 'I take the kettle');
    assert.equal(answer.metadata[0].id, 'buy-kettle');
  });

  await check('a private message comes back to the agent', async () => {
    const note = { ...text(dialogId, 'VIP, handle with care'), messageAudience: 'AGENTS_AND_MANAGERS' };
    await agent.call('publishEvent', note);
    const own = await agent.message((one) => one.event.message === 'VIP, handle with care');
    assert.equal(own.messageAudience, 'AGENTS_AND_MANAGERS');
  });

  await check('the profile of the consumer is a list of attributes', async () => {
    const profile = await agent.call('getUserProfile', consumerId);
    const { personal } = profile.find(({ type }) => type === 'personal');
    assert.equal(personal.firstname, 'Ingrid');
  });

  await check('a new response time is told with its deadline', async () => {
    const conversationField = [{ field: 'TTRField', ttrType: 'URGENT', value: 300 }];
    await agent.call('updateConversationField', { conversationId: dialogId, conversationField });
    await agent.conversation(({ conversationDetails }) => conversationDetails.ttr.ttrType === 'URGENT'
      && conversationDetails.ttr.value === 300);
  });

  await check('a file is uploaded, sent and downloaded again', async () => {
    const domains = await promisify((done) => new CSDSClient({ csdsDomain: csds, accountId: account }).getAll(done))();
    const place = ({ relativePath, queryParams }) => (
      `https://${domains.swift}${relativePath}?${new URLSearchParams(queryParams)}`);
    const upload = await agent.call('generateURLForUploadFile', { fileSize: PICTURE.length, fileType: 'PNG' });
    const stored = await fetch(place(upload), { method: 'PUT', body: PICTURE });
    assert.equal(stored.status, 201, await stored.text());
    const message = { caption: 'Invoice', relativePath: upload.relativePath, fileType: 'PNG' };
    const event = { type: 'ContentEvent', contentType: 'hosted/file', message };
    await agent.call('publishEvent', { dialogId, event });
    const own = await agent.message((one) => one.event.contentType === 'hosted/file');
    const download = await agent.call('generateURLForDownloadFile', { relativePath: own.event.message.relativePath });
    const read = await fetch(place(download));
    assert.deepEqual(Buffer.from(await read.arrayBuffer()), PICTURE);
  });

  await check('closing the conversation ends it for the subscription', async () => {
    const conversationField = [{ field: 'ConversationStateField', conversationState: 'CLOSE' }];
    await agent.call('updateConversationField', { conversationId: dialogId, conversationField });
    const last = await agent.conversation(({ convId }, type) => convId === dialogId && type === 'DELETE');
    assert.equal(last.conversationDetails.state, 'CLOSE');
    assert.equal(last.conversationDetails.closeReason, 'AGENT');
  });

  await check('a message to the closed conversation is refused with 400', async () => {
    await assert.rejects(agent.call('publishEvent', text(dialogId, 'one more thing')), /"code":400/);
  });

  await check('the client has no complaint about any notification', () => {
    assert.deepEqual(agent.events.filter(({ type }) => type === 'error' || type === 'warn'), []);
  });
  agent.dispose();
});
