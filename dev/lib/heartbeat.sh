#!/usr/bin/env bash
# heartbeat.sh CMD… runs CMD and says on stderr every ten seconds that it still
# does, so that nobody takes a long compilation for a hang.
set -euo pipefail

main=$$
(
	while sleep 10 && kill -0 "$main" 2>/dev/null; do
		printf '  still at it (%d s)\n' "$SECONDS" >&2
	done
) </dev/null >/dev/null &
beat=$!
trap 'kill "$beat" 2>/dev/null || true' EXIT
"$@"
