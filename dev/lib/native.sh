#!/usr/bin/env bash
# Succeeds where the overlay can be built and run without the Debian root.
set -euo pipefail
{
	pkg-config --atleast-version=4.14 gtk4 && pkg-config --exists gtk4-layer-shell-0
} >/dev/null 2>&1
