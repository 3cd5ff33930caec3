// Calls of one stack, and the accounts that the attacks need.
import { adminEmail, password } from './stack.mjs';

/** One request; never throws for what the server does: a connection that was cut has status 0. */
export const call = async (url, { method = 'GET', token, json, body, headers = {}, from, timeout = 60_000 } = {}) => {
  const start = performance.now();
  const all = { ...headers };
  if (from) all['X-Forwarded-For'] = from;
  if (token) all.Authorization = `Bearer ${token}`;
  if (json !== undefined) all['Content-Type'] = 'application/json';
  try {
    const response = await fetch(url, { method, headers: all, body: json === undefined ? body : JSON.stringify(json), signal: AbortSignal.timeout(timeout) });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers, ms: performance.now() - start, data: parse(text)?.data, problem: parse(text) };
  } catch (error) {
    return { status: 0, text: `${error.cause?.code ?? error.name}`, headers: new Headers(), ms: performance.now() - start };
  }
};

const parse = text => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const expect = (answer, status, what) => {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} instead of ${status}: ${answer.text.slice(0, 500)}`);
  return answer.data;
};

export const createClient = ({ url }) => {
  const api = (path, options) => call(`${url}/api/v2/${path}`, options);
  const login = async (email = adminEmail, from = undefined) =>
    expect(await api('auth/login', { method: 'POST', json: { email, password }, from }), 200, `sign-in of ${email}`);
  let count = 0;
  let admin;
  /** An account of a role, signed in, with an API key when scopes are given. */
  const account = async (role, scopes, from = undefined) => {
    admin ??= login();
    const inviting = (await admin).access_token;
    const email = `${role}-${++count}@example.com`;
    const { token } = expect(await api('auth/invitations', { method: 'POST', token: inviting, json: { role } }), 201, 'invitation');
    expect(await api('auth/register', { method: 'POST', json: { email, password, invitation: token }, from }), 202, 'registration');
    const signedIn = await login(email, from);
    const made = { email, id: signedIn.user.id, token: signedIn.access_token, refresh: signedIn.refresh_token };
    if (scopes) made.key = expect(await api('auth/api-keys', { method: 'POST', token: made.token, json: { name: 'attack', scopes } }), 201, 'API key').key;
    return made;
  };
  return { url, api, login, account, otlp: options => call(`${url}/v1/traces`, { method: 'POST', ...options }) };
};

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
