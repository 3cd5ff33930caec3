#!/usr/bin/env bash
# What the gateway costs: one upstream behind the gateway (signed in, limits on, spans stored), behind bare YARP and behind nginx, in one run. Needs wrk, nginx and curl.
#   bench/gateway.sh [SECONDS]      default 8 seconds a row
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-8} port=8220 configuration=${CONFIGURATION:-Release}
work=$(mktemp -d)
pids=()
trap 'nginx -c "$work/nginx.conf" -s stop 2>/dev/null || true; kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1

dotnet build -c "$configuration" -v q Jarvis.AppHost
dotnet build -c "$configuration" -v q bench/Jarvis.Bench
bench=bench/Jarvis.Bench/bin/$configuration/net10.0/Jarvis.Bench.dll

head -c 2000 /dev/zero | tr '\0' 'x' >"$work/body.json"
dotnet "$bench" serve "$work/body.json" $((port + 1)) & pids+=($!)
dotnet "$bench" proxy "http://127.0.0.1:$((port + 1))" $((port + 2)) & pids+=($!)
cat >"$work/nginx.conf" <<NGINX
worker_processes auto; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http { access_log off; upstream one { server 127.0.0.1:$((port + 1)); keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:$((port + 3)); keepalive_requests 1000000000; location / { proxy_pass http://one; proxy_http_version 1.1; proxy_set_header Connection ""; } } }
NGINX
chmod 755 "$work" && nginx -c "$work/nginx.conf"

(cd Jarvis.AppHost && exec env DOTNET_ENVIRONMENT=Production ASPIRE_ALLOW_UNSECURED_TRANSPORT=true Health__Optional__0=bench \
  ReverseProxy__Clusters__bench__Destinations__one__Address="http://127.0.0.1:$((port + 1))" ReverseProxy__Routes__bench__ClusterId=bench \
  ReverseProxy__Routes__bench__Match__Path=/bench ReverseProxy__Routes__bench__AuthorizationPolicy=viewer \
  dotnet "bin/$configuration/net10.0/Jarvis.AppHost.dll" --data temp --port $port --Limits:Read=100000000 \
  --Parameters:adminemail=bench@jarvis.test "--Parameters:adminpassword=a bench in the park") >"$work/apphost.log" 2>&1 & pids+=($!)
for _ in $(seq 120); do curl -sf "localhost:$port/health" >/dev/null && break; sleep 1; done
token=$(curl -s "localhost:$port/api/v2/auth/login" -H 'Content-Type: application/json' -d '{"email": "bench@jarvis.test", "password": "a bench in the park"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
id=$(curl -s -H "Authorization: Bearer $token" "localhost:$port/api/v2/agents?limit=1" | sed 's/.*"id":"\([^"]*\)".*/\1/')

row() { printf '%-44s %s\n' "$1" "$(wrk -t1 -c"$connections" -d"${seconds}s" --latency -H "Authorization: Bearer $token" "$2" | awk '/Requests\/sec/ {r=$2} /Non-2xx/ {e=" NOT 2xx: " $0} /50%/ {a=$2} /99%/ {b=$2} END {print r " requests/s, p50 " a ", p99 " b e}')"; }

for connections in 4 16; do
  kept=$seconds
  for seconds in 2 "$kept"; do
    rows=$(row "upstream itself" "http://127.0.0.1:$((port + 1))/bench"
      row "nginx, proxying it" "http://127.0.0.1:$((port + 3))/bench"
      row "bare YARP" "http://127.0.0.1:$((port + 2))/bench"
      row "gateway" "http://localhost:$port/bench"
      row "gateway, an agent from its memory" "http://localhost:$port/api/v2/agents/$id")
  done
  printf '== %s connections\n%s\n' "$connections" "$rows"
done
