// Hostile holders of a key for telemetry: bodies that grow when they are unpacked, that are slow to come, or that cost more to refuse than to send.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { sleep } from './client.mjs';

const spansOf = (count, attributes, size) => JSON.stringify({
  resourceSpans: [{
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'hostile' } }] },
    scopeSpans: [{
      spans: Array.from({ length: count }, (_, i) => ({
        traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: `span ${i}`, kind: 1,
        startTimeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`, endTimeUnixNano: `${BigInt(Date.now() + 5) * 1_000_000n}`,
        attributes: Array.from({ length: attributes }, (_, a) => ({ key: `a${a}`, value: { stringValue: 'x'.repeat(size) } })),
      })),
    }],
  }],
});

const gzip = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
const plain = { 'Content-Type': 'application/json' };

/** Eight accounts send what unpacks to 60 MiB as fast as they may, while others read and write; memory has to stay flat and the others served. */
export const inflatedSpans = async ({ client, stack, seconds }) => {
  const bodies = Array.from({ length: 4 }, () => gzipSync(spansOf(60, 120, 8_000)));
  const hostile = await Promise.all(Array.from({ length: 8 }, () => client.account('operator', ['telemetry:write'])));
  const honest = await client.account('operator', ['telemetry:write', 'read']);
  const end = Date.now() + seconds * 1_000;
  const memory = [];
  const served = { tried: 0, failed: {}, slowest: 0 };
  const attack = async (account, i) => {
    let sent = 0;
    for (; Date.now() < end; sent++) {
      const { status } = await client.otlp({ token: account.key, headers: gzip, body: bodies[(i + sent) % bodies.length] });
      if (status !== 200) await sleep(200);
    }
    return sent;
  };
  const live = async () => {
    while (Date.now() < end) {
      for (const answer of [
        await client.api('metrics/names?limit=5', { token: honest.key }),
        await client.api('agents?limit=1', { token: honest.key }),
        await exportPatiently(client, honest.key),
      ]) {
        served.tried++;
        served.slowest = Math.max(served.slowest, answer.ms);
        if (answer.status !== 200) served.failed[answer.status] = (served.failed[answer.status] ?? 0) + 1;
      }
      await sleep(250);
    }
  };
  const watch = async () => {
    while (Date.now() < end) {
      memory.push(stack.memory('telemetry'));
      await sleep(Math.min(5_000, seconds * 50));
    }
  };
  const [sent] = await Promise.all([Promise.all(hostile.map(attack)), live(), watch()]);
  const half = memory.slice(Math.floor(memory.length / 4));
  const early = Math.max(...half.slice(0, Math.ceil(half.length / 2)));
  const late = Math.max(...half.slice(Math.ceil(half.length / 2)));
  const failed = Object.values(served.failed).reduce((sum, n) => sum + n, 0);
  if (process.env.ATTACK_TRACE) console.error(memory.join(' '));
  return {
    held: late <= early * 1.3 + 64 && failed <= served.tried * 0.02,
    text: `${sent.reduce((a, b) => a + b, 0)} bodies of 60 MiB in ${seconds} s; telemetry held at most ${early} MB in the first part and ${late} MB in the second; `
      + `${served.tried - failed} of ${served.tried} honest requests served, the slowest in ${Math.round(served.slowest)} ms${failed ? ` (${JSON.stringify(served.failed)})` : ''}`,
  };
};

/** As the specification asks of an exporter: a 429 or 503 is tried again, three times. */
const exportPatiently = async (client, token) => {
  const body = spansOf(2, 2, 20);
  let answer;
  for (let tries = 0; tries < 4; tries++) {
    answer = await client.otlp({ token, headers: plain, body });
    if (![429, 503].includes(answer.status)) break;
    await sleep(Math.min(Number(answer.headers.get('retry-after') ?? 1), 5) * 1_000);
  }
  return answer;
};

/** Eight bodies that trickle must not keep others from exporting. */
export const slowUploads = async ({ client }) => {
  const hostile = await client.account('operator', ['telemetry:write']);
  const honest = await client.account('operator', ['telemetry:write']);
  const { hostname, port } = new URL(client.url);
  const sockets = Array.from({ length: 16 }, () => {
    const socket = connect(Number(port), hostname, () => socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${hostile.key}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`));
    socket.on('error', () => {}).resume();
    const tick = setInterval(() => socket.writable && socket.write(' '.repeat(300)), 1_000);
    socket.on('close', () => clearInterval(tick));
    return socket;
  });
  await sleep(3_000);
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push(await client.otlp({ token: honest.key, headers: plain, body: spansOf(2, 2, 20), timeout: 20_000 }));
  sockets.forEach(socket => socket.destroy());
  return {
    held: answers.every(({ status }) => status === 200),
    text: `16 trickling uploads; another exporter was answered ${answers.map(({ status, ms }) => `${status} in ${Math.round(ms)} ms`).join(', ')}`,
  };
};

/** Hundreds of thousands of wrong members in one body: refusing it must cost about what accepting a body of its size costs. */
export const manyWrongs = async ({ client }) => {
  const { key } = await client.account('operator', ['telemetry:write']);
  const track = body => client.api('metrics/track', { method: 'POST', token: key, headers: plain, body, timeout: 120_000 });
  const size = 6 * 1024 * 1024;
  const point = '{"metric_name":"attack.probe","value":1,"tags":{"a":"' + 'x'.repeat(150) + '"}}';
  const right = await track(`{"points":[${Array.from({ length: Math.min(10_000, Math.floor(size / point.length)) }, () => point).join(',')}]}`);
  const member = '"":1,';
  const wrong = await track(`{"metric_name":"a","value":1,"tags":{${member.repeat(Math.floor(size / member.length))}"b":1}}`);
  return {
    held: wrong.status === 422 && wrong.ms < right.ms * 5 + 1_000 && wrong.text.length < 64 * 1024,
    text: `a body of ${Math.round(size / member.length / 1_000)},000 wrong tags: ${wrong.status} in ${Math.round(wrong.ms)} ms with ${wrong.text.length} bytes; one of 10,000 right points: ${right.status} in ${Math.round(right.ms)} ms`,
  };
};

/** New names without an end are refused at a bound, with a reason, and known ones go on. */
export const manyNames = async ({ client }) => {
  const { key } = await client.account('operator', ['telemetry:write']);
  const track = points => client.api('metrics/track', { method: 'POST', token: key, json: { points } });
  const known = 'attack.known';
  await track([{ metric_name: known, value: 1 }]);
  let refused;
  let names = 0;
  for (let round = 0; round < 100 && !refused; round++) {
    const answer = await track(Array.from({ length: 200 }, (_, i) => ({ metric_name: `attack.n${round}.${i}`, value: 1 })));
    if (answer.status === 200 || answer.status === 202 || answer.status === 201) names += 200;
    else refused = answer;
  }
  const after = await track([{ metric_name: known, value: 2 }]);
  return {
    held: refused !== undefined && refused.status >= 400 && refused.status < 500 && after.status < 300,
    text: refused ? `refused with ${refused.status} after ${names} new names (${refused.problem?.detail}); a known name still takes points: ${after.status}` : `${names} new names were taken, and no end`,
  };
};
