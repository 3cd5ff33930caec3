// See eng/attack.sh.
import { createClient } from './client.mjs';
import * as load from './load.mjs';
import * as rights from './rights.mjs';
import { startStack } from './stack.mjs';

const short = process.argv.includes('--short');
const seconds = Number(process.argv.find(arg => arg.startsWith('--seconds='))?.slice(10) ?? (short ? 20 : 300));
const only = process.argv.find(arg => arg.startsWith('--only='))?.slice(7) ?? '';
const attacks = [
  ['spans that grow when they are unpacked', load.inflatedSpans],
  ['uploads that trickle', load.slowUploads],
  ['a body that is wrong a million times', load.manyWrongs],
  ['metric names without an end', load.manyNames],
  ['refusals with long names', rights.refusalFlood],
  ["other people's tasks", rights.otherPeoplesTasks],
  ['secrets of files', rights.secretsOfFiles],
  ['API keys after a change of the password', rights.keysAfterPassword],
  ['empty frames of a WebSocket', rights.emptyFrames],
  ['strangers at the door', rights.strangersAtTheDoor],
];

// Whatever happens, it ends.
setTimeout(() => { console.error('Not done within twenty minutes.'); process.exit(2); }, 20 * 60_000).unref();
const stack = await startStack();
const results = [];
try {
  const client = createClient(stack);
  for (const [name, attack] of attacks.filter(([name]) => name.includes(only))) {
    const result = await attack({ client, stack, seconds }).catch(error => ({ held: false, text: `${error.message}` }));
    console.error(`… ${name}`);
    results.push({ name, ...result });
  }
} finally {
  await stack.stop();
}
for (const { held, name, text } of results) console.log(`${held ? 'held' : 'FAILED'}  ${name}: ${text}`);
process.exit(results.every(({ held }) => held) ? 0 : 1);
