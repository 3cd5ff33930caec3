#!/usr/bin/env bash
# Reads through the gateway beside bare Kestrel and nginx serving the same bytes, in one run. Needs wrk, nginx and curl.
#   bench/http.sh [RESOURCES] [SECONDS]      default 1000 resources, 8 seconds a row
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-1000} seconds=${2:-8} port=8210
work=$(mktemp -d)
pids=()
trap 'nginx -c "$work/nginx.conf" -s stop 2>/dev/null || true; kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1

dotnet build -c Release -v q Jarvis.AppHost
dotnet build -c Release -v q bench/Jarvis.Bench
bench() { dotnet "bench/Jarvis.Bench/bin/Release/net10.0/Jarvis.Bench.dll" "$@"; }
bench generate "$work/library" "$count"

(cd Jarvis.AppHost && exec env DOTNET_ENVIRONMENT=Production ASPIRE_ALLOW_UNSECURED_TRANSPORT=true dotnet bin/Release/net10.0/Jarvis.AppHost.dll \
  --library "$work/library" --data temp --port $port --Limits:Read=100000000 \
  --Parameters:adminemail=bench@jarvis.test "--Parameters:adminpassword=a bench in the park") >"$work/apphost.log" 2>&1 & pids+=($!)
for _ in $(seq 120); do curl -sf "localhost:$port/health" >/dev/null && break; sleep 1; done

gateway=http://localhost:$port
token=$(curl -s "$gateway/api/v2/auth/login" -H 'Content-Type: application/json' -d '{"email": "bench@jarvis.test", "password": "a bench in the park"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
bearer="Authorization: Bearer $token"
id=$(curl -s -H "$bearer" "$gateway/api/v2/agents?limit=1" | sed 's/.*"id":"\([^"]*\)".*/\1/')
paths=("/api/v2/agents?limit=50" "/api/v2/agents/$id" "/api/v2/search?q=${id%%-*}")

row() { printf '%-52s %s\n' "$1" "$(wrk -t1 -c16 -d"${seconds}s" --latency "${@:3}" "$2" | awk '/Requests\/sec/ {r=$2} /50%/ {a=$2} /99%/ {b=$2} END {print r " requests/s, p50 " a ", p99 " b}')"; }

for path in "${paths[@]}"; do
  curl -s -H "$bearer" "$gateway$path" >"$work/body.json"
  echo "== $path ($(stat -c %s "$work/body.json") bytes)"
  dotnet bench/Jarvis.Bench/bin/Release/net10.0/Jarvis.Bench.dll serve "$work/body.json" $((port + 1)) & bare=$!; pids+=($bare)
  cat >"$work/nginx.conf" <<NGINX
worker_processes auto; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; open_file_cache max=10; default_type application/json;
  server { listen 127.0.0.1:$((port + 2)); root $work; keepalive_requests 1000000000; location / { try_files /body.json =404; } } }
NGINX
  chmod 755 "$work" && nginx -c "$work/nginx.conf"
  sleep 2
  for round in 1 2; do
    [ $round = 1 ] && seconds_kept=$seconds && seconds=2   # warm up
    [ $round = 2 ] && seconds=$seconds_kept
    bare_row=$(row "bare Kestrel" "http://127.0.0.1:$((port + 1))/")
    hot_row=$(row "gateway" "$gateway$path" -H "$bearer")
    gzip_row=$(row "gateway, gzip" "$gateway$path" -H "$bearer" -H "Accept-Encoding: gzip")
    nginx_row=$(row "nginx, a file" "http://127.0.0.1:$((port + 2))/")
  done
  printf '%s\n' "$bare_row" "$hot_row" "$gzip_row" "$nginx_row"
  kill $bare || true; nginx -c "$work/nginx.conf" -s stop
done
# Another query each time: what a search costs when nobody asked it before.
cat >"$work/search.lua" <<'LUA'
local words, n = {}, 0
for line in io.lines(os.getenv("WORDS")) do words[#words + 1] = line end
request = function() n = n + 1; return wrk.format("GET", "/api/v2/search?limit=20&q=" .. words[n % #words + 1] .. "+" .. words[(n * 7) % #words + 1]) end
LUA
curl -s -H "$bearer" "$gateway/api/v2/agents?limit=200" | grep -o '"name":"[^"]*"' | cut -d'"' -f4 | tr '-' '\n' | sort -u >"$work/words"
export WORDS=$work/words
row "search, another query each time" "$gateway" -s "$work/search.lua" -H "$bearer"
