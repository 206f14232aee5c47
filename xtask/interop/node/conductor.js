// The side of `cargo xtask interop` that a script sees. Standard input and output carry lines of JSON; the messages are
// described in xtask/src/interop/conduct.rs.
'use strict';

const readline = require('node:readline');

// A check that waits for something that never comes must say so before the whole run is given up.
const CHECK_LIMIT_MS = 20000;

const waiting = new Map();
let lastId = 0;
let giveSettings;
const settings = new Promise((resolve) => { giveSettings = resolve; });

readline.createInterface({ input: process.stdin, terminal: false }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.settings) {
    giveSettings(message.settings);
    return;
  }
  const { resolve, reject } = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error === undefined) resolve(message.value);
  else reject(new Error(message.error));
});

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

// Asks the conductor to do something on the other side, and gives what came of it.
function ask(what, how = {}) {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    tell({ ask: what, id, with: how });
  });
}

function limited(promise, limitMs) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Something that has to hold. What follows mostly builds on it, so a failure ends the script.
async function check(name, body) {
  try {
    const value = await limited(Promise.resolve().then(body), CHECK_LIMIT_MS);
    tell({ check: name, ok: true });
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : JSON.stringify(error);
    tell({ check: name, ok: false, why });
    return end(1);
  }
}

// Standard output may be a pipe that is written behind the back of `process.exit`.
function end(status) {
  return new Promise(() => process.stdout.write('', () => process.exit(status)));
}

// Runs a script: `body` gets the settings, which are the ready line of the simulator.
async function play(body) {
  process.on('uncaughtException', async (error) => {
    tell({ check: 'no exception goes uncaught', ok: false, why: error.stack });
    await end(1);
  });
  await body(await settings);
  tell({ done: true });
  await end(0);
}

module.exports = { ask, check, play };
