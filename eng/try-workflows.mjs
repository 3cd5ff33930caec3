#!/usr/bin/env node
// Runs each bundled workflow through Jarvis and says, one line each, how the task ended and how n8n says that the execution ended.
// The exit code is 0 when all have succeeded, 1 when one has not, 2 when something is missing.
import { readFileSync, readdirSync } from 'node:fs';

const usage = `usage: node eng/try-workflows.mjs [name …]

  JARVIS_URL      Jarvis, http://localhost:8000 when not set
  JARVIS_API_KEY  an API key of Jarvis with the scope "run"
  N8N_URL         n8n, http://localhost:5678 when not set
  N8N_API_KEY     an API key of n8n that may read workflows and executions

Without names all workflows of library/workflows are run. They must be imported and published, as library/README.md tells.`;

const { JARVIS_URL = 'http://localhost:8000', JARVIS_API_KEY, N8N_URL = 'http://localhost:5678', N8N_API_KEY } = process.env;
const payloads = {
  'incident-triage': { title: 'Checkout fails', service: 'shop', signal: 'errors', error_rate_percent: 4 },
  'release-notes': { commits: ['feat: a first change', 'fix: a second one'], version: '1.4.2' },
  'repository-health-digest': { repositories: ['dotnet/aspire'] },
};
const folder = new URL('../library/workflows/', import.meta.url);
const bundled = readdirSync(folder).filter(file => file.endsWith('.json')).map(file => JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
const names = process.argv.slice(2);
const unknown = names.filter(name => !bundled.some(workflow => workflow.name === name));
if (!JARVIS_API_KEY || !N8N_API_KEY || unknown.length) {
  console.error(unknown.length ? `No such workflow: ${unknown.join(', ')}. There are ${bundled.map(workflow => workflow.name).join(', ')}.\n` : 'An API key is missing.\n');
  console.error(usage);
  process.exit(2);
}

const ask = async (url, headers, body) => {
  const response = await fetch(url, { method: body ? 'POST' : 'GET', headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(75_000) });
  return { status: response.status, body: await response.json().catch(() => ({})) };
};
const jarvis = (path, body) => ask(`${JARVIS_URL}/api/v2/${path}`, { Authorization: `Bearer ${JARVIS_API_KEY}`, 'X-Correlation-ID': `try-workflows-${process.pid}` }, body);
const n8n = path => ask(`${N8N_URL}/api/v1/${path}`, { 'X-N8N-API-KEY': N8N_API_KEY });

// n8n writes the end of an execution down a moment after it has answered.
const execution = async id => {
  for (let tries = 0; ; tries++) {
    const { status, body } = await n8n(`executions/${id}`);
    if ((status === 200 && !['new', 'running'].includes(body.status)) || tries === 50)
      return body.status ?? `unknown (n8n answered ${status})`;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};

const run = async ({ id, name }) => {
  const known = await n8n(`workflows/${id}`);
  if (known.status !== 200) return { good: false, text: `n8n does not have it (${known.status}): import it first` };
  if (!known.body.active) return { good: false, text: 'it is not published in n8n' };
  const start = Date.now();
  const answer = await jarvis('workflow/trigger?wait=60', { workflow_id: name, payload: payloads[name] ?? {} });
  const took = `${Date.now() - start} ms`;
  const taskId = answer.body.data?.task_id ?? answer.body.task_id;
  if (!taskId) return { good: false, text: `Jarvis answered ${answer.status}: ${answer.body.error ?? 'no reason given'}` };
  const task = (await jarvis(`tasks/${taskId}`)).body.data ?? {};
  const ended = task.n8n_execution_id ? await execution(task.n8n_execution_id) : 'unknown';
  const text = `${task.status}, execution ${task.n8n_execution_id ?? '-'} ${ended}, ${took}${task.error ? `: ${task.error}` : ''}`;
  return { good: task.status === 'succeeded' && ended === 'success', text };
};

let failed = 0;
for (const workflow of bundled.filter(({ name }) => !names.length || names.includes(name))) {
  const { good, text } = await run(workflow).catch(error => ({ good: false, text: `${error.message}${error.cause ? ` (${error.cause.message})` : ''}` }));
  failed += good ? 0 : 1;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${workflow.name.padEnd(25)} ${text}`);
}
process.exit(failed ? 1 : 0);
