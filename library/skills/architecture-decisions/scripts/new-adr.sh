#!/bin/sh
# Creates the next architecture decision record and prints its path.
# usage: new-adr.sh <folder> <title>
set -eu
[ $# -eq 2 ] && [ -n "$2" ] || { sed -n '2,3p' "$0" >&2; exit 2; }
folder=$1 title=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"

last=$(ls "$folder" | sed -n 's/^\([0-9][0-9]*\)-.*\.md$/\1/p' | sort -n | tail -1)
number=$(printf '%04d' "$(($(echo "${last:-0}" | sed 's/^0*\(.\)/\1/') + 1))")
slug=$(printf '%s' "$title" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//' | cut -c1-60)
[ -n "$slug" ] || { echo "new-adr.sh: the title needs at least one letter or digit" >&2; exit 2; }
file=$folder/$number-$slug.md

template=$here/../assets/template.md
[ ! -f "$folder/template.md" ] || template=$folder/template.md
set -C                                          # never overwrite a record that someone else just made
TITLE=$title NUMBER=$number DATE=$(date -u +%F) awk '
  function put(line, mark, value,   at) {       # literal replacement: a title may hold & or /
    if (at = index(line, mark)) line = substr(line, 1, at - 1) value substr(line, at + length(mark))
    return line
  }
  { print put(put(put($0, "NNNN", ENVIRON["NUMBER"]), "TITLE", ENVIRON["TITLE"]), "DATE", ENVIRON["DATE"]) }' "$template" > "$file"
echo "$file"
