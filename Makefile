# Everything runs where the project builds: `dev/enter` makes such a place on a machine that is none.
# Nothing but Go and git has to be there; see docs/development.md.

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo devel)

ENTER   := dev/enter
DESKTOP := dev/desktop
GO      := go
LDFLAGS := -s -w -X main.version=$(VERSION)
# nerva-ui's own entry, before the Go runtime's, where it is written for the processor (start_amd64.s).
ENTRY   := [ "$$($(GO) env GOARCH)" != amd64 ] || echo -E start

# What needs neither GTK nor a desktop, tested with the race detector; and what needs them.
UNIT    := ./core/... ./wayland/... ./ui/... ./cmd/... ./test/imports/... ./test/modelserver/...
E2E     := ./test/e2e/... ./test/hostile/... ./wayland/...

# What evaluates the Nix modules offline; with NIXPKGS_LIB and HOME_MANAGER it makes nix-check whole (test/nix).
export NIX_HARNESS ?= $(abspath ../shared/nix-harness)

.PHONY: all build run demo test test-unit test-e2e hostile hostile-proof nix-check nix-docs bench fuzz lint fmt deb deb-check vmtest install clean

all: build

# The place with GTK, if it has to be made, is made while the programs that need none are built.
build:
	@$(MAKE) --no-print-directory -s -j2 overlay

.PHONY: place pure pure-here overlay overlay-here
place:
	@$(ENTER) true

pure:
	@$(ENTER) --outside $(MAKE) --no-print-directory -s pure-here

pure-here:
	@echo "building nerva nervad nerva-ui" >&2
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/nerva ./cmd/nervad
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS) $$($(ENTRY))" -o bin/ ./cmd/nerva-ui

overlay: place pure
	@$(ENTER) $(MAKE) --no-print-directory -s overlay-here

# With these tags only gotk4 needs a C compiler, and all the rest is what was compiled for the others.
overlay-here:
	@echo "building nerva-overlay (gotk4 takes two or three minutes the first time)" >&2
	@CGO_ENABLED=1 dev/lib/heartbeat.sh $(GO) build -tags netgo,osusergo -trimpath -ldflags '$(LDFLAGS)' -o libexec/ ./cmd/nerva-overlay

run: build
	@dev/run

demo: build
	@$(DESKTOP) --size 1280x800 dev/demo

test: build
	@$(ENTER) $(MAKE) --no-print-directory -s test-unit
	@$(MAKE) --no-print-directory -s nix-check
	@$(MAKE) --no-print-directory -s test-e2e
	@! $(ENTER) dev/deb --possible || $(MAKE) --no-print-directory -s deb-check

test-unit:
	@echo "unit tests, with the race detector" >&2
	@$(GO) test -race $(UNIT)

test-e2e:
	@echo "end-to-end tests, in a private desktop" >&2
	@$(DESKTOP) --size 1280x800 $(GO) test -count=1 -p 1 $(E2E)

# In its folder, so that go prints the table.
HOSTILE := $(DESKTOP) --size 1280x800 sh -c 'cd test/hostile && "$$@"' hostile

hostile: pure
	@$(HOSTILE) $(GO) test -count=1 -run TestEveryCaseHolds

# Builds nervad once for each defence, without it: ten minutes on two processors.
hostile-proof: pure
	@$(HOSTILE) env NERVA_HOSTILE_PROOF=1 $(GO) test -count=1 -timeout 60m -run TestEachCaseFailsWithoutItsDefence

# In its folder, so that go prints what was skipped and why.
nix-check:
	@echo "the flake and the modules, without network" >&2
	@$(ENTER) sh -c 'cd test/nix && $(GO) test -count=1'

nix-docs:
	@$(ENTER) sh -c 'cd test/nix && $(GO) test -count=1 -run TestTheTablesOfOptionsAreCurrent -update'

# BENCH has options, such as BENCH="-only gate".
bench: build
	@$(ENTER) $(GO) build -o out/ ./test/barewindow ./test/bench
	@$(DESKTOP) out/bench $(BENCH)

# Each target for FUZZTIME (60s); FUZZ names some of them.
fuzz:
	@$(ENTER) dev/fuzz $(FUZZ)

lint:
	@$(ENTER) dev/lint

fmt:
	@$(GO) tool -modfile=dev/tools/go.mod gofumpt -w core wayland ui cmd test

# Debian 13's: its libraries are named there.
deb: build
	@$(ENTER) dev/deb

deb-check: deb
	@dev/deb-check

# A whole desktop with each compositor, in emulated machines. VMTEST has options of test/vm, such as -machines sway.
vmtest: build
	@! $(ENTER) dev/deb --possible || { $(ENTER) dev/deb && dev/vm $(VMTEST); }

install:
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' dev/install

clean:
	rm -rf bin libexec out
