// A bot with an API key hands a conversation to a skill; an agent of that skill takes over.
'use strict';

const assert = require('node:assert/strict');
const { Agent, text } = require('./agent.js');
const { ask, check, play } = require('./conductor.js');

play(async ({ account, csds, users, apiKeys }) => {
  const robot = users.find((user) => user.appKey);
  const key = apiKeys.find((one) => one.appKey === robot.appKey);
  const person = users.find((user) => user.enabled && user.type === 'Human' && user.skills.length < 5);
  const skill = String(person.skills[0]);

  const bot = new Agent({ accountId: account, csdsDomain: csds, username: robot.loginName, ...key });
  const agent = new Agent({
    accountId: account,
    csdsDomain: csds,
    username: person.loginName,
    password: person.password,
  });

  await check('a bot logs in with an API key and opens its socket', () => bot.next('connected'));
  await bot.takeUpWork();

  const { conversation: dialogId } = await ask('consumer.open', { skill: '-1', text: 'A human, please' });
  await check('a conversation without a skill rings the bot', async () => {
    const { task } = await bot.acceptRing(dialogId);
    assert.equal(task.skillId, '-1');
    await bot.conversation(({ convId }) => convId === dialogId);
    await bot.call('publishEvent', text(dialogId, 'I get you one.'));
  });

  await check('an agent of the skill is there', async () => {
    await agent.next('connected');
    await agent.takeUpWork();
  });

  await check('a skill change that does not take the assigned agent off is refused', async () => {
    const conversationField = [{ field: 'Skill', type: 'UPDATE', skill }];
    await assert.rejects(
      bot.call('updateConversationField', { conversationId: dialogId, conversationField }),
      /"code":400/,
    );
  });

  await check('the transfer takes the conversation away from the bot', async () => {
    const conversationField = [
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
      { field: 'Skill', type: 'UPDATE', skill },
    ];
    const metadata = [{ type: 'ActionReason', reason: 'escalated_by_bot', reasonId: '7' }];
    await bot.call('updateConversationField', { conversationId: dialogId, conversationField }, metadata);
    const last = await bot.conversation(({ convId }, type) => convId === dialogId && type === 'DELETE');
    assert.equal(last.conversationDetails.skillId, skill);
  });

  await check('it rings the agent of the skill', async () => {
    const { task } = await agent.acceptRing(dialogId);
    assert.equal(task.skillId, skill);
    const { conversationDetails } = await agent.conversation(({ convId }) => convId === dialogId);
    assert.equal(conversationDetails.getMyRole(), 'ASSIGNED_AGENT');
  });

  await check('who takes over reads what was said before', async () => {
    await agent.call('subscribeMessagingEvents', { dialogId });
    await agent.message(({ event }) => event.message === 'A human, please');
    await agent.call('publishEvent', text(dialogId, 'Here I am.'));
  });

  await check('the bot is no longer part of it', async () => {
    await assert.rejects(bot.call('publishEvent', text(dialogId, 'still here')), /"code":4\d\d/);
  });

  await check('neither client has a complaint about any notification', () => {
    const complaints = [bot, agent].flatMap(({ events }) => events.filter(({ type }) => /error|warn/.test(type)));
    assert.deepEqual(complaints, []);
  });
  bot.dispose();
  agent.dispose();
});
