// The client under test with promises around its callbacks, and a memory for its events, so that a script may ask for
// one that has already come.
'use strict';

const { Agent: Client } = require('node-agent-sdk');

class Agent {
  constructor(configuration) {
    this.events = [];
    this.awaited = [];
    this.client = new Client(configuration);
    // Every notification is also emitted under its own type; this listener sees them all in their order.
    this.client.on('notification', (message) => message && this.arrived(message.type, message.body));
    for (const name of ['connected', 'closed', 'error', 'warn']) {
      this.client.on(name, (about) => this.arrived(name, about));
    }
  }

  arrived(type, body) {
    const at = this.awaited.findIndex((one) => one.type === type && one.matches(body));
    if (at < 0) {
      this.events.push({ type, body });
      return;
    }
    const [one] = this.awaited.splice(at, 1);
    one.resolve(body);
  }

  // The first event of this type that was not given before and matches, now or when it comes.
  next(type, matches = () => true) {
    const at = this.events.findIndex((event) => event.type === type && matches(event.body));
    if (at >= 0) return Promise.resolve(this.events.splice(at, 1)[0].body);
    return new Promise((resolve) => this.awaited.push({ type, matches, resolve }));
  }

  // A request of the client by the name of its method; rejects with what the client calls an error.
  call(method, body = {}, metadata = undefined) {
    return new Promise((resolve, reject) => {
      const done = (error, answer) => {
        if (!error) resolve(answer);
        else reject(error instanceof Error ? error : new Error(`${method}: ${JSON.stringify(error)}`));
      };
      if (metadata) this.client[method](body, null, metadata, done);
      else this.client[method](body, done);
    });
  }

  // The conversation as the next change that matches shows it.
  async conversation(matches) {
    const found = (body) => body.changes.find((change) => change.result && matches(change.result, change.type));
    return found(await this.next('cqm.ExConversationChangeNotification', found)).result;
  }

  // The next message event that matches: own ones come, too.
  async message(matches) {
    const found = (body) => body.changes.find(matches);
    return found(await this.next('ms.MessagingEventNotification', found));
  }

  // Waits for a ring and accepts it.
  async acceptRing(conversationId) {
    const waiting = (body) => body.changes.find((change) => change.result.conversationId === conversationId
      && change.result.ringsDetails.some((ring) => ring.ringState === 'WAITING'));
    const { result } = waiting(await this.next('routing.RoutingTaskNotification', waiting));
    const ring = result.ringsDetails.find((one) => one.ringState === 'WAITING');
    const answer = await this.call('updateRingState', { ringId: ring.ringId, ringState: 'ACCEPTED' });
    return { task: result, ring, answer };
  }

  // What an agent does once it is connected, as in the samples of the vendor.
  async takeUpWork() {
    await this.call('setAgentState', { availability: 'ONLINE' });
    await this.call('subscribeExConversations', { convState: ['OPEN'], agentIds: [this.client.agentId] });
    await this.call('subscribeRoutingTasks', {});
  }

  dispose() {
    this.client.dispose();
  }
}

// A plain text to publish.
function text(dialogId, message) {
  return { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message } };
}

module.exports = { Agent, text };
