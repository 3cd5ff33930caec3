#!/usr/bin/env bash
# Fills the tables that grow with use (tasks, spans and traces, points of metrics, audit, sessions) to N rows each, then measures each read of the API that asks them,
# and a migration that adds an index while tasks are accepted. For a server of its own: it starts Jarvis with an embedded PostgreSQL.
#   eng/grow.sh 1000000                    in a folder that is removed afterwards
#   eng/grow.sh 10000000 /var/tmp/grown    in a folder that is kept; once filled, the same command again goes on where it stopped, and measures
# Ten million rows take about 20 GB and three quarters of an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:?usage: eng/grow.sh ROWS [FOLDER]}
folder=${2:-$(mktemp -d /var/tmp/jarvis-grow-XXXXXX)}
email=ada@example.com password='tram opposite violet kettle'
port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')

dotnet build bench/Jarvis.Bench -c Release -nologo -v q
dotnet build Jarvis.AppHost -c Release -nologo -v q
mkdir -p "$folder"
chmod 711 "$folder"
log=$folder/apphost.log
(cd Jarvis.AppHost && DOTNET_ENVIRONMENT=Development ASPIRE_ALLOW_UNSECURED_TRANSPORT=true exec dotnet bin/Release/net10.0/Jarvis.AppHost.dll \
  --data "$folder/data" --port "$port" "--Parameters:adminemail=$email" "--Parameters:adminpassword=$password" \
  --Limits:Read=0 --Limits:Write=0 --Limits:Execute=0 --n8n http://127.0.0.1:9 --Auth:AccessTokenMinutes=60) >"$log" 2>&1 &
host=$!
stop() {
  kill "$host" 2>/dev/null || true
  wait "$host" 2>/dev/null || true
  [ $# -eq 0 ] || rm -rf "$folder"
}
if [ -n "${2:-}" ]; then trap 'stop' EXIT; else trap 'stop remove' EXIT; fi

for _ in $(seq 300); do
  grep -q 'ready in' "$log" && break
  kill -0 "$host" 2>/dev/null || { cat "$log"; exit 1; }
  sleep 1
done
grep -q 'ready in' "$log" || { cat "$log"; echo "Jarvis did not get ready."; exit 1; }

# The superuser's password never leaves the data directory; the server's port stands in its own file.
connection="Host=127.0.0.1;Port=$(sed -n 4p "$folder/data/postgres/postmaster.pid");Database=jarvisdb;Username=postgres;Password=$(cat "$folder/data/postgres.password");Command Timeout=0"
dotnet run --project bench/Jarvis.Bench -c Release --no-build -- grow "http://127.0.0.1:$port" "$email" "$password" "$connection" "$rows"
