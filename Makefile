# Belay. `make help` lists the targets; mk/flags.mk has the flags, mk/rules.mk the rules.

O      ?= build
PYTHON ?= /usr/bin/python3
PREFIX ?= /usr/local
MAKEFLAGS += --no-builtin-rules
JOBS   ?= $(shell nproc)

.DEFAULT_GOAL := all

include mk/flags.mk
include mk/rules.mk

##@ Build
.PHONY: all
all: $(BINARIES)  ## the four binaries in build/bin

.PHONY: units
units: $(UNIT_BIN) $(PROGRAM_BIN)  ## the unit test binaries

.PHONY: deps deps-%
deps: deps-build  ## install the Debian packages needed to build
deps-%:
	@tools/deps.sh $*

COMPLETIONS := bash-completion/completions/belay zsh/site-functions/_belay fish/vendor_completions.d/belay.fish

.PHONY: install
install: all  ## install binaries, charts and completion below DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/belay/chart
	install -m 755 $(BINARIES) $(DESTDIR)$(PREFIX)/bin/
	cp -R charts/belay/. $(DESTDIR)$(PREFIX)/share/belay/chart
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(COMPLETIONS)))
	$(O)/bin/belay completion bash > $(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))
	$(O)/bin/belay completion zsh > $(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))
	$(O)/bin/belay completion fish > $(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))

.PHONY: clean
clean:  ## remove everything built
	rm -rf $(O)

##@ Check
.PHONY: test
test:  ## install what is missing, build, run unit, conformance and end-to-end tests
	@tools/deps.sh build test
	@$(MAKE) --no-print-directory -j$(JOBS) all units fuzzers
	@$(PYTHON) tools/run_tests.py --build $(O)

.PHONY: test-unit
test-unit: units fuzzers  ## unit and conformance tests, and the fuzz corpora replayed
	@$(PYTHON) tools/run_tests.py --build $(O) --only unit,conformance,corpus

.PHONY: test-e2e
test-e2e: all $(PROGRAM_BIN)  ## end-to-end tests against a real kube-apiserver
	@$(PYTHON) tools/run_tests.py --build $(O) --only e2e

.PHONY: fuzzers
fuzzers: $(FUZZ_BIN)

.PHONY: asan tsan
asan tsan:  ## unit tests and fuzz corpora under the sanitizers
	@tools/deps.sh build test
	@$(MAKE) --no-print-directory -j$(JOBS) PROFILE=$@ O=build/$@ units fuzzers
	@$(PYTHON) tools/run_tests.py --build build/$@ --only $(if $(filter tsan,$@),threads,unit,corpus)

FUZZ_SECONDS ?= 30
.PHONY: fuzz
fuzz:  ## run every fuzz target for FUZZ_SECONDS under libFuzzer
	@tools/deps.sh build test lint
	@$(MAKE) --no-print-directory -j$(JOBS) PROFILE=fuzz O=build/fuzz fuzzers
	@$(PYTHON) tools/run_fuzz.py --build build/fuzz --seconds $(FUZZ_SECONDS)

.PHONY: cover
cover:  ## line coverage of the unit tests, per folder, against tools/coverage_floor.txt
	@tools/deps.sh build test lint
	@$(MAKE) --no-print-directory -j$(JOBS) PROFILE=cover O=build/cover units
	@$(PYTHON) tools/run_tests.py --build build/cover --only unit
	@$(PYTHON) tools/cover.py --build build/cover

.PHONY: analyze
analyze:  ## gcc -fanalyzer, clang-tidy and cppcheck
	@tools/deps.sh build lint
	@$(MAKE) --no-print-directory $(GEN_H) $(O)/gen/version.h
	@tools/analyze.sh

.PHONY: lint
lint:  ## format, layers, banned calls, sizes, self-contained headers, generated files fresh
	@tools/deps.sh build lint
	@$(MAKE) --no-print-directory $(GEN_H) $(O)/gen/version.h
	@tools/lint.sh $(O)

.PHONY: format
format:  ## format the C files
	@tools/fmt.sh

##@ Run
.PHONY: bench
bench: all $(BENCH_BIN)  ## measure and print figures
	@tools/deps.sh build test
	@$(PYTHON) bench/run.py --build $(O)

.PHONY: demo
demo:  ## a local cluster, Git server and Belay with a sample application
	@tools/deps.sh build demo
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(PYTHON) tests/demo/demo.py --build $(O) $(if $(filter once,$(DEMO)),--once)

.PHONY: help
help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z%-]+( [a-z-]+)*:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
