#!/usr/bin/env bash
# Starts Jarvis with a data directory of its own and attacks it as hostile clients would: those with a key, those with the lowest role, and strangers.
# Ends with one line for each thing that was tried; the exit code is 0 when all of them held.
#   eng/attack.sh            five minutes of load, about ten in all
#   eng/attack.sh --short    the same with twenty seconds of load, as CI runs it
#   eng/attack.sh --seconds=60 --only=spans    one of them, for as long as you like
set -euo pipefail
cd "$(dirname "$0")/.."
case "$*" in *--help*) exec node eng/attack/main.mjs --help ;; esac
dotnet build Jarvis.AppHost -nologo -v q
exec node eng/attack/main.mjs "$@"
