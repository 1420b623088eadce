# make prints the targets. The flags below are the same everywhere, so that the build cache is shared: OpenGL alone takes a minute.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION  := $(shell sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
OS       := $(shell uname -s)
EXE      := $(if $(filter MINGW% MSYS% CYGWIN%,$(OS)),.exe)
# x11,gles: on Linux one window system and the small OpenGL, one minute of cold build instead of five.
WINDOW   := migrated_fynedo
ifeq ($(OS),Linux)
WINDOW   := migrated_fynedo,x11,gles
endif
HEADLESS := migrated_fynedo,nogui
LDFLAGS  := -X main.version=$(VERSION)$(if $(MICROSOFT_CLIENT), -X main.microsoftClient=$(MICROSOFT_CLIENT))$(if \
            $(GOOGLE_CLIENT), -X main.googleClient=$(GOOGLE_CLIENT) -X main.googleClientSecret=$(GOOGLE_CLIENT_SECRET))
MAIN     := ./cmd/mwiz-desktop
WINRES   := github.com/tc-hib/go-winres@v0.3.3
FYNE     := fyne.io/tools/cmd/fyne@v1.7.4
FUZZTIME ?= 20s
ROUNDS   ?= 200

# The version is FyneApp.toml's, not git's: a checkout that belongs to somebody else builds too.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

# What tests find around them. Fyne forgets, while a picture is taken, what was drawn more than a minute after the picture before: a
# slow machine would get blank ones.
TESTING := LC_ALL=C.UTF-8 FYNE_CACHE=24h
ifeq ($(OS),Linux)
# A test that lacks its Dovecot, Cyrus, Secret Service or window fails instead of being skipped.
TESTING += MWIZ_NEED_DOVECOT=1 MWIZ_NEED_CYRUS=1 MWIZ_NEED_SECRET_SERVICE=1 MWIZ_NEED_WINDOW=1
endif

.PHONY: help setup demo run build test unit window lint race views chaos fuzz bench windows windows-setup package screenshots clean

help: ## print the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: setup build ## the sandbox: two mail services of sample mail, to try the program on
	bin/mwiz-desktop$(EXE) demo

run: setup build ## open the window
	bin/mwiz-desktop$(EXE)

setup: ## install what is missing to build (Debian, Ubuntu; elsewhere it says what to install)
	@.ci/setup.sh build

build: ## bin/mwiz-desktop (window and verbs) and bin/mwiz (verbs alone, needs no OpenGL)
	go build -tags $(WINDOW) -ldflags '$(LDFLAGS)' -o bin/mwiz-desktop$(EXE) $(MAIN)
	CGO_ENABLED=0 go build -tags nogui -ldflags '$(LDFLAGS)' -o bin/mwiz$(EXE) $(MAIN)

test: ## everything a change must pass: set-up, lint, unit tests, the window
	@.ci/setup.sh test
	@$(MAKE) lint
	@$(MAKE) race
	@$(MAKE) views
	@$(MAKE) window

lint: ## gofmt, go vet, staticcheck
	@bad=$$(find . -name '*.go' -not -path './build/*' -print0 | xargs -0 gofmt -l); \
		[ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	go vet -tags $(HEADLESS) ./...
	go vet -tags $(WINDOW),e2e $(MAIN)
	go tool staticcheck -tags $(HEADLESS) ./...
	go tool staticcheck -tags $(WINDOW),e2e $(MAIN)

unit: ## unit tests, quick: no race detector
	$(TESTING) go test -shuffle=on -tags $(HEADLESS) ./...

race: ## unit tests, and those on Dovecot and a Secret Service, with the race detector
	$(TESTING) go test -race -shuffle=on -timeout 45m -skip '^TestViews$$' -tags $(HEADLESS) ./...

views: ## every view of the window beside the picture that is held of it; the race detector would take ten minutes to paint them
	$(TESTING) go test -timeout 20m -tags $(HEADLESS) -run '^TestViews$$' ./gui

window: ## the real window, driven by keys and mouse under Xvfb
	$(TESTING) MWIZ_LDFLAGS='$(LDFLAGS)' go test -count=1 -v -tags $(HEADLESS),e2e -run '^TestWindow' $(MAIN)

chaos: ## ROUNDS (200) of kills, cuts, full disks and the like on real servers; MWIZ_SEED repeats a run
	$(TESTING) MWIZ_CHAOS=$(ROUNDS) nice go test -count=1 -v -timeout 12h -tags $(HEADLESS) -run '^TestChaos$$' ./engine | grep -v '^=== '

fuzz: ## every fuzz test for FUZZTIME (20s)
	@for package in $$(go list -tags $(HEADLESS) ./...); do \
		for name in $$(go test -tags $(HEADLESS) -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$name"; \
			go test -tags $(HEADLESS) -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

bench: ## compare with bare sockets, mbsync and imapsync, which writes docs/benchmarks.md; then Go's benchmarks
	@.ci/setup.sh bench
	$(TESTING) MWIZ_BENCH=1 MWIZ_BENCH_DOCS=$(CURDIR)/docs go test -count=1 -v -timeout 60m -run '^TestBench$$' ./engine/imap/imaptest/bench
	$(TESTING) go test -tags $(HEADLESS) -run '^$$' -bench . -benchmem ./...

windows: windows-setup ## cross-build bin/mwiz-desktop.exe (window) and bin/mwiz.exe (console)
	cd cmd/mwiz-desktop && go run $(WINRES) simply --arch amd64 --icon ../../assets/icon.png --manifest gui \
		--product-name mwiz-desktop --product-version $(VERSION) --file-version $(VERSION) \
		--file-description mwiz-desktop --copyright 'mwiz-desktop contributors' --original-filename mwiz-desktop.exe
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc \
		go build -tags migrated_fynedo -ldflags '-s -w -H windowsgui $(LDFLAGS)' -o bin/mwiz-desktop.exe $(MAIN)
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -tags nogui -ldflags '-s -w $(LDFLAGS)' -o bin/mwiz.exe $(MAIN)

windows-setup:
	@.ci/setup.sh windows

package: ## an archive for this system in build/; with bin/*.exe present the one for Windows too
	@.ci/package.sh $(VERSION) $(FYNE)

screenshots: ## renew docs/images: from the real window (Linux), and from the views that need no mail service
	@.ci/setup.sh test
	@.ci/pictures.sh docs/images $(HEADLESS)
	MWIZ_SCREENSHOTS=$(CURDIR)/docs/images $(TESTING) MWIZ_LDFLAGS='$(LDFLAGS)' go test -count=1 -v -tags $(HEADLESS),e2e -run '^TestWindow' $(MAIN)

clean: ## remove bin/ and build/
	rm -rf bin build cmd/mwiz-desktop/*.syso
