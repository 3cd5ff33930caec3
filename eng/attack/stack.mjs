// Jarvis as a process of its own, with a stand-in for n8n, a library with secrets in it, and nothing of the user's.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createListener } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const adminEmail = 'ada@example.com';
export const password = 'tram opposite violet kettle';
/** What must never come out of Jarvis; each stands in the library's one workflow, in another place. */
export const secrets = {
  header: 'Bearer sk-live-4f9a7c2e8b1d6035aa77',
  query: 'q7Zk29fLmX04bTnW81sd',
  pinned: 'grace.hopper.private@example.com',
  state: 'last-seen-cursor-88412',
};

const freePort = () => new Promise((resolve, reject) => {
  const listener = createListener().on('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = listener.address();
    listener.close(() => resolve(port));
  });
});

const startN8n = async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ executionId: '77', note: 'only-for-who-started-it' }));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
};

const writeLibrary = folder => {
  mkdirSync(join(folder, 'workflows'), { recursive: true });
  writeFileSync(join(folder, 'workflows', 'hostile.json'), JSON.stringify({
    name: 'hostile-export',
    nodes: [
      { name: 'Hook', type: 'n8n-nodes-base.webhook', typeVersion: 2, position: [0, 0], id: 'a', parameters: { path: 'hostile', httpMethod: 'POST' } },
      {
        name: 'Call', type: 'n8n-nodes-base.httpRequest', typeVersion: 4, position: [200, 0], id: 'b',
        parameters: {
          url: `https://api.example.com/v1?api_key=${secrets.query}`, sendHeaders: true,
          headerParameters: { parameters: [{ name: 'Authorization', value: secrets.header }] },
        },
      },
    ],
    connections: { Hook: { main: [[{ node: 'Call', type: 'main', index: 0 }]] } },
    pinData: { Call: [{ json: { email: secrets.pinned } }] },
    staticData: { global: { cursor: secrets.state } },
  }));
};

export const startStack = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jarvis-attack-'));
  // Where Jarvis runs as root, its PostgreSQL does not, and has to get to its data.
  chmodSync(folder, 0o711);
  const data = join(folder, 'data');
  const library = join(folder, 'library');
  writeLibrary(library);
  const n8n = await startN8n();
  const port = await freePort();
  const output = [];
  const host = spawn('dotnet', ['bin/Debug/net10.0/Jarvis.AppHost.dll', '--data', data, '--port', `${port}`, '--library', library,
    '--n8n', `http://127.0.0.1:${n8n.address().port}`, `--Parameters:adminemail=${adminEmail}`, `--Parameters:adminpassword=${password}`,
    // The attacks come from several addresses.
    '--Auth:Registration=invitation', '--Gateway:TrustedProxies:0=127.0.0.1'], {
    cwd: 'Jarvis.AppHost', stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOTNET_ENVIRONMENT: 'Development', ASPIRE_ALLOW_UNSECURED_TRANSPORT: 'true' },
  });
  const ended = new Promise(resolve => host.on('exit', resolve));
  const ready = new Promise((resolve, reject) => {
    const take = chunk => {
      output.push(`${chunk}`);
      if (`${chunk}`.includes('ready in')) resolve();
    };
    host.stdout.on('data', take);
    host.stderr.on('data', take);
    ended.then(code => reject(new Error(`Jarvis ended with ${code}:\n${output.join('')}`)));
    setTimeout(() => reject(new Error(`Jarvis did not get ready within five minutes:\n${output.join('')}`)), 300_000).unref();
  });
  const stop = async () => {
    host.kill('SIGTERM');
    await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 30_000).unref())]);
    n8n.close();
    n8n.closeAllConnections();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, port, stop, output, memory: service => memoryOf(join(data, 'processes.json'), service) };
};

/** Megabytes that a service holds, shared pages by their share. */
const memoryOf = (ledger, service) => {
  const entry = JSON.parse(readFileSync(ledger, 'utf8')).find(({ Resource }) => Resource.startsWith(service));
  const pss = readFileSync(`/proc/${entry.ProcessId}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)[1];
  return Math.round(Number(pss) / 1024);
};
