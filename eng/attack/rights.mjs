// Callers of the lowest role, and strangers: what they must not see, take or shut.
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { expect, sleep } from './client.mjs';
import { password, secrets } from './stack.mjs';

/** Refusals with long names, as many as are let through: the audit log says it in few rows of bounded length. */
export const refusalFlood = async ({ client, seconds }) => {
  const viewer = await client.account('viewer');
  const end = Date.now() + Math.min(seconds, 20) * 1_000;
  let sent = 0;
  const flood = async () => {
    for (; Date.now() < end; sent++)
      await client.api(`circuit-breakers/${'x'.repeat(4_000)}${sent}/reset`, { method: 'POST', token: viewer.token });
  };
  await Promise.all(Array.from({ length: 8 }, flood));
  await sleep(3_000);
  const admin = (await client.login()).access_token;
  let rows = 0;
  let longest = 0;
  for (let cursor = ''; ;) {
    const page = await client.api(`audit?account_id=${viewer.id}&outcome=refused&limit=200${cursor && `&cursor=${cursor}`}`, { token: admin });
    const entries = expect(page, 200, 'audit').entries ?? page.data.audit ?? [];
    rows += entries.length;
    longest = Math.max(longest, ...entries.map(entry => JSON.stringify(entry).length));
    cursor = page.problem.pagination?.next_cursor ?? page.data.pagination?.next_cursor;
    if (!cursor || rows > 5_000) break;
  }
  return { held: rows > 0 && rows <= Math.max(20, sent / 10) && longest < 2_048, text: `${sent} refused requests with names of 4 KB left ${rows} rows in the audit log, the longest of ${longest} characters` };
};

/** A viewer sees that somebody's task ran, not what came of it; the same idempotency key of another account is another task; who did it is on record. */
export const otherPeoplesTasks = async ({ client }) => {
  const [owner, other, viewer] = [await client.account('operator'), await client.account('operator'), await client.account('viewer')];
  const trigger = account => client.api('workflow/trigger?wait=20', {
    method: 'POST', token: account.token, json: { webhook_path: 'hostile', payload: {} }, headers: { 'Idempotency-Key': 'nightly-2026-11-28' },
  });
  const mine = await trigger(owner);
  const theirs = await trigger(other);
  const task = id => client.api(`tasks/${id}`, { token: viewer.token });
  const seen = await task(mine.data.task_id);
  const events = await client.api(`tasks/${mine.data.task_id}/events`, { token: viewer.token, timeout: 10_000 });
  const own = await client.api(`tasks/${mine.data.task_id}`, { token: owner.token });
  await sleep(3_000);
  const admin = (await client.login()).access_token;
  const audit = await client.api(`audit?account_id=${owner.id}&limit=50`, { token: admin });
  const secret = 'only-for-who-started-it';
  const parts = {
    'the owner sees the result': own.text.includes(secret),
    'a viewer does not': !seen.text.includes(secret) && !events.text.includes(secret),
    'a viewer sees the state': seen.data?.status === 'succeeded',
    'each account has its own task': mine.data.task_id !== theirs.data?.task_id,
    'the trigger is audited': audit.text.includes('task.trigger'),
  };
  return { held: Object.values(parts).every(Boolean), text: Object.entries(parts).map(([what, is]) => `${what}: ${is ? 'yes' : 'NO'}`).join(', ') };
};

/** Every way out of the catalog, asked for the secrets of an export. */
export const secretsOfFiles = async ({ client }) => {
  const { token } = await client.account('viewer');
  const listed = expect(await client.api('workflows?limit=200', { token }), 200, 'workflows').workflows.find(({ name }) => name === 'hostile-export');
  const ways = [
    `workflows/${listed.id}`, `workflows/${listed.id}/content`, `workflows/${listed.id}/content?raw=true`, `workflows/${listed.id}/graph`, 'workflows?limit=200',
    'catalog/diagnostics?limit=200', 'search?q=hostile', `search?q=${encodeURIComponent(secrets.query)}`, 'search?q=grace', 'search?q=Bearer', 'catalog/effective?all=true',
  ];
  const found = [];
  for (const way of ways) {
    const { text, status } = await client.api(way, { token });
    const withoutQuestion = text.replaceAll(`"${secrets.query}"`, '');
    found.push(...Object.entries(secrets).filter(([, secret]) => withoutQuestion.includes(secret)).map(([name]) => `${name} in ${way}`));
    if (status === 0 || status >= 500) found.push(`${way} answered ${status}`);
  }
  return { held: found.length === 0, text: found.length ? found.join('; ') : `none of ${Object.keys(secrets).length} secrets of an export in ${ways.length} ways out` };
};

/** What an account made while somebody else had its password ends when it says so. */
export const keysAfterPassword = async ({ client }) => {
  const owner = await client.account('operator', ['read']);
  const before = await client.api('agents?limit=1', { token: owner.key });
  const changed = await client.api('auth/password/change', {
    method: 'POST', token: owner.token, json: { current_password: password, new_password: 'gravel lantern nineteen owls', revoke_api_keys: true },
  });
  await sleep(1_500);
  const after = await client.api('agents?limit=1', { token: owner.key });
  return { held: before.status === 200 && changed.status === 200 && after.status === 401, text: `a key before the change: ${before.status}, the change: ${changed.status}, the key after it: ${after.status}` };
};

/** Strangers guess at sign-in and refresh, from elsewhere and from the very address of whom they mean; who has an account signs in and stays signed in. */
export const strangersAtTheDoor = async ({ client }) => {
  const home = '198.51.100.7';
  const owner = await client.account('operator', undefined, home);
  const post = (path, json, from) => client.api(path, { method: 'POST', json, from });
  const elsewhere = i => post('auth/login', { email: owner.email, password: `wrong guess number ${i}` }, `203.0.113.${i % 250 + 1}`);
  const neighbour = i => post('auth/login', { email: `nobody-${i}@example.com`, password: 'wrong guess of a neighbour' }, home);
  const nonsense = () => post('auth/refresh', { refresh_token: `jrt_${randomBytes(32).toString('base64url')}` }, home);
  const bearer = () => client.api('agents?limit=1', { token: `jrv_abcdefgh_${randomBytes(32).toString('base64url')}`, from: home });
  const tried = [];
  for (let round = 0; round < 10; round++)
    tried.push(...await Promise.all(Array.from({ length: 15 }, (_, i) => [elsewhere(round * 15 + i), neighbour(round * 15 + i), nonsense(), bearer()]).flat()));
  const refreshed = await post('auth/refresh', { refresh_token: owner.refresh }, home);
  const signedIn = await post('auth/login', { email: owner.email, password }, home);
  const used = await client.api('agents?limit=1', { token: signedIn.data?.access_token, from: home });
  const broken = tried.filter(({ status }) => status === 0 || status >= 500).length;
  return {
    held: [refreshed, signedIn, used].every(({ status }) => status === 200) && broken === 0,
    text: `after ${tried.length} guesses, most from the owner's own address: refresh ${refreshed.status}, sign-in ${signedIn.status}, a request with the new token ${used.status}; ${broken} answers of 5xx`,
  };
};

/** Frames without a byte in them are counted, too. */
export const emptyFrames = async ({ client }) => {
  const { token } = await client.account('viewer');
  const { hostname, port } = new URL(client.url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject));
  let closed = false;
  socket.on('close', () => { closed = true; }).on('error', () => { closed = true; });
  socket.write(`GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`
    + `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  const answer = await new Promise(resolve => socket.once('data', chunk => resolve(`${chunk}`.split('\r\n')[0])));
  socket.resume();
  // A text frame that is not the last, then continuations of length 0, masked as a client's must be.
  socket.write(Buffer.from([0x01, 0x80, 1, 2, 3, 4]));
  const frames = Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.from([0x00, 0x80, 1, 2, 3, 4])));
  let sent = 0;
  for (; sent < 200 && !closed; sent++) {
    socket.write(frames);
    await sleep(20);
  }
  socket.destroy();
  return { held: answer.includes('101') && closed, text: `${answer}; ${closed ? `closed after at most ${sent},000 empty frames` : `${sent},000 empty frames were read, and no end`}` };
};
