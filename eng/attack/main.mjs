// See eng/attack.sh.
import { createClient } from './client.mjs';
import * as load from './load.mjs';
import * as rights from './rights.mjs';
import { startStack } from './stack.mjs';

const usage = `usage: eng/attack.sh [--short] [--seconds=N] [--only=WORD]

  --short       twenty seconds of load in place of five minutes
  --seconds=N   so many seconds of load
  --only=WORD   only the attacks with this word in their name`;
const args = Object.fromEntries(process.argv.slice(2).map(arg => arg.split('=')).map(([name, value]) => [name, value ?? true]));
const short = args['--short'] === true;
const seconds = Number(args['--seconds'] ?? (short ? 20 : 300));
const only = args['--only'] ?? '';
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

const chosen = attacks.filter(([name]) => name.includes(only));
const unknown = Object.keys(args).filter(name => !['--short', '--seconds', '--only'].includes(name));
if (unknown.length || chosen.length === 0 || !(seconds > 0 && seconds <= 900)) {
  const isHelp = unknown.includes('--help');
  console[isHelp ? 'log' : 'error'](usage + `\n\nThe attacks: ${attacks.map(([name]) => name).join(', ')}.`);
  process.exit(isHelp ? 0 : 2);
}

// Whatever happens, it ends.
setTimeout(() => { console.error('Not done within twenty minutes.'); process.exit(2); }, 20 * 60_000).unref();
const stack = await startStack();
const results = [];
try {
  const client = createClient(stack);
  for (const [name, attack] of chosen) {
    const result = await attack({ client, stack, seconds }).catch(error => ({ held: false, text: `${error.message}` }));
    console.error(`… ${name}`);
    results.push({ name, ...result });
  }
} finally {
  await stack.stop();
}
for (const { held, name, text } of results) console.log(`${held ? 'held' : 'FAILED'}  ${name}: ${text}`);
process.exit(results.every(({ held }) => held) ? 0 : 1);
