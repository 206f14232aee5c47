// The echo bot on the vendor's client, in the shape of its samples: it takes every ring and repeats what a consumer says.
// Its standard input has the target of the benchmark as one line, and ends when the bot is to end.
'use strict';

const readline = require('node:readline');
const { Agent } = require('node-agent-sdk');

const input = readline.createInterface({ input: process.stdin, terminal: false });

input.once('line', (line) => {
  const target = JSON.parse(line);
  const agent = new Agent({
    accountId: target.account,
    username: target.login_name,
    password: target.password,
    csdsDomain: target.csds,
  });

  agent.on('connected', () => {
    agent.setAgentState({ availability: 'ONLINE' });
    agent.subscribeExConversations({ convState: ['OPEN'], agentIds: [agent.agentId] });
    agent.subscribeRoutingTasks({});
    process.stdout.write('ready\n');
  });

  agent.on('routing.RoutingTaskNotification', (body) => {
    for (const { result } of body.changes) {
      for (const ring of result.ringsDetails) {
        if (ring.ringState === 'WAITING') {
          agent.updateRingState({ ringId: ring.ringId, ringState: 'ACCEPTED' });
        }
      }
    }
  });

  agent.on('ms.MessagingEventNotification', (body) => {
    for (const change of body.changes) {
      const said = change.event.type === 'ContentEvent' && change.originatorMetadata.role === 'CONSUMER';
      if (said && !change.isMe()) {
        const event = { type: 'ContentEvent', contentType: 'text/plain', message: `You said: ${change.event.message}` };
        // With a callback, as the samples have it: only then does the client track the answer.
        agent.publishEvent({ dialogId: change.dialogId, event }, (error) => {
          if (error) process.stderr.write(`${JSON.stringify(error)}\n`);
        });
      }
    }
  });

  agent.on('error', (error) => process.stderr.write(`${error}\n`));
});

input.on('close', () => process.exit(0));
