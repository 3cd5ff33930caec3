#!/usr/bin/env bash
# Runs a command many times and reports how often it fails.
# usage: repeat.sh [-n runs] [-j parallel] [-t seconds] [-o folder] [-x] -- command [args...]
set -u
runs=30 parallel=1 limit=300 out="" stop=0
usage() { sed -n '2,3p' "$0" >&2; exit 2; }
while getopts "n:j:t:o:x" option; do
  case $option in
    n) runs=$OPTARG ;; j) parallel=$OPTARG ;; t) limit=$OPTARG ;; o) out=$OPTARG ;; x) stop=1 ;; *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
for number in "$runs" "$parallel" "$limit"; do [[ $number =~ ^[1-9][0-9]*$ ]] || usage; done
command -v timeout > /dev/null || { echo "repeat.sh: needs 'timeout' from GNU coreutils" >&2; exit 2; }
out=${out:-$(mktemp -d)}
mkdir -p "$out" || exit 2
results=$(mktemp)
trap 'rm -f "$results"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

one() { # $1 = number of the run; one line "verdict milliseconds" per run
  local log="$out/run-$1.log" begin end code
  begin=$(date +%s%N)
  timeout -k 5 "$limit" "${@:2}" > "$log" 2>&1 < /dev/null
  code=$?
  end=$(date +%s%N)
  case $code in
    0) rm -f "$log"; verdict=pass ;;
    124 | 137) verdict=hung ;;
    *) verdict=fail ;;
  esac
  echo "$verdict $(((end - begin) / 1000000)) $1" >> "$results"
}

for ((i = 1; i <= runs; i++)); do
  one "$i" "$@" &
  while [ "$(jobs -rp | wc -l)" -ge "$parallel" ]; do wait -n; done
  if [ "$stop" = 1 ] && grep -qv '^pass' "$results"; then break; fi
done
wait

awk '
  { n++; count[$1]++; ms[n] = $2; if ($1 != "pass") bad = bad " " $3 }
  END {
    for (i = 2; i <= n; i++) { v = ms[i]; for (j = i - 1; j > 0 && ms[j] > v; j--) ms[j + 1] = ms[j]; ms[j + 1] = v }
    f = count["fail"] + count["hung"]; p = f / n; z = 1.96                       # Wilson score interval
    c = (p + z * z / (2 * n)) / (1 + z * z / n)
    h = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = c - h; high = c + h; if (low < 0 || f == 0) low = 0; if (high > 1 || f == n) high = 1
    printf "%d runs: %d passed, %d failed, %d hung; failure rate %.1f %% (95 %%: %.1f to %.1f)\n", n, count["pass"], count["fail"], count["hung"], 100 * p, 100 * low, 100 * high
    printf "time per run: min %d ms, median %d ms, max %d ms\n", ms[1], ms[int((n + 1) / 2)], ms[n]
    if (f) printf "failed runs:%s\n", bad
  }' "$results"
if grep -qv '^pass' "$results"; then echo "output kept in $out"; exit 1; fi
