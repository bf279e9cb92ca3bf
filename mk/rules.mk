# Pattern rules: objects, generated code, archives, binaries, tests.

# `make V=1` shows the whole commands
Q := $(if $(V),,@)
comma := ,
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# --- sources ---------------------------------------------------------------------------------
COMPONENTS := common engine repo-server app-controller api-server cli
src = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))

PROTO      := $(sort $(wildcard proto/*.proto))
GEN_C      := $(PROTO:%.proto=$(O)/gen/%.pb-c.c)
GEN_H      := $(GEN_C:.c=.h)
GEN_OBJ    := $(GEN_C:.c=.o)

objs = $(patsubst %.c,$(O)/obj/%.o,$(filter-out %/main.c,$(call src,$(1))))

LIB_COMMON := $(O)/lib/libcommon.a
LIB_ENGINE := $(O)/lib/libengine.a
LIB_OF      = $(O)/lib/lib$(1).a

# --- generated code --------------------------------------------------------------------------
# names what is not installed, before the compiler does in its way
.PHONY: toolchain
toolchain:
	@for p in $(firstword $(CC)) protoc-c pkg-config; do \
	    command -v $$p >/dev/null || { echo "$$p is not installed; 'make deps' installs what is needed" >&2; exit 1; }; done
	@pkg-config --exists --print-errors --short-errors $(PKGS) || \
	    { echo "a library is not installed; 'make deps' installs what is needed" >&2; exit 1; }

$(O)/gen/%.pb-c.c $(O)/gen/%.pb-c.h &: %.proto | toolchain
	@mkdir -p $(O)/gen
	$(call say,GEN,$<)
	$(Q)protoc-c --c_out=$(O)/gen $<

$(O)/gen/%.pb-c.o: $(O)/gen/%.pb-c.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_GEN) -MMD -MP -c $< -o $@

$(O)/gen/version.h: VERSION $(O)/gen/commit
	@printf '#define BELAY_VERSION "%s"\n#define BELAY_COMMIT "%s"\n' '$(VERSION)' '$(COMMIT)' > $@

# rewritten only when the commit changes, so that an unchanged tree rebuilds nothing
$(O)/gen/commit: FORCE
	@mkdir -p $(O)/gen
	@[ "$$(cat $@ 2>/dev/null)" = '$(COMMIT)' ] || echo '$(COMMIT)' > $@

# --- objects ---------------------------------------------------------------------------------
$(O)/obj/%.o: %.c | $(GEN_H) $(O)/gen/version.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(O)/lib/libcommon.a: $(call objs,common) $(GEN_OBJ)
$(O)/lib/libengine.a: $(call objs,engine)
$(O)/lib/librepo-server.a: $(call objs,repo-server)
$(O)/lib/libapp-controller.a: $(call objs,app-controller)
$(O)/lib/libapi-server.a: $(call objs,api-server)
$(O)/lib/libcli.a: $(call objs,cli)
$(O)/lib/libtests.a: $(call objs,tests/lib)

$(O)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

# --- binaries --------------------------------------------------------------------------------
link = $(CC) $(LDFLAGS_ALL) -o $@ $(1) $(LIBS)

$(O)/bin/belay-%: $(O)/obj/%/main.o $(O)/lib/lib%.a $(LIB_ENGINE) $(LIB_COMMON)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(call link,$^)

CLI_OBJ := $(O)/obj/cli/main.o $(O)/lib/libcli.a $(LIB_ENGINE) $(LIB_COMMON)

$(O)/gen/lazy_libs.o: $(CLI_OBJ) tools/lazy_libs.py
	$(call say,GEN,$@)
	$(Q)$(PYTHON) tools/lazy_libs.py $(CLI_OBJ) -- $(foreach l,$(LAZY_SO),$(shell $(CC) -print-file-name=$l)) > $(@:.o=.S)
	$(Q)$(CC) -c $(@:.o=.S) -o $@

$(O)/bin/belay: $(CLI_OBJ) $(if $(LAZY),$(O)/gen/lazy_libs.o)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(call link,$^ $(if $(LAZY),$(LIB_COMMON) -Wl$(comma)--gc-sections))

BINARIES := $(if $(wildcard cli/main.c),$(O)/bin/belay) \
            $(foreach d,repo-server app-controller api-server,$(if $(wildcard $(d)/main.c),$(O)/bin/belay-$(d)))

# --- unit tests: tests/unit/<path>/test_<module>.c -> build/tests/unit/<path>/test_<module> ----
UNIT_SRC := $(call src,tests/unit)
UNIT_BIN := $(UNIT_SRC:%.c=$(O)/%)

TEST_LIBS = $(O)/lib/libtests.a $(LIB_ENGINE) $(LIB_COMMON)

$(O)/tests/unit/repo-server/%: EXTRA = $(O)/lib/librepo-server.a
$(O)/tests/unit/app-controller/%: EXTRA = $(O)/lib/libapp-controller.a
$(O)/tests/unit/api-server/%: EXTRA = $(O)/lib/libapi-server.a
$(O)/tests/unit/cli/%: EXTRA = $(O)/lib/libcli.a
# rendering is tested on directories, which the command line tool shows to the engines
$(O)/tests/unit/engine/%: EXTRA = $(O)/lib/libcli.a
$(filter $(O)/tests/unit/repo-server/%,$(UNIT_BIN)): $(O)/lib/librepo-server.a
$(filter $(O)/tests/unit/app-controller/%,$(UNIT_BIN)): $(O)/lib/libapp-controller.a
$(filter $(O)/tests/unit/api-server/%,$(UNIT_BIN)): $(O)/lib/libapi-server.a
$(filter $(O)/tests/unit/cli/% $(O)/tests/unit/engine/%,$(UNIT_BIN)): $(O)/lib/libcli.a

$(UNIT_BIN): $(O)/tests/unit/%: $(O)/obj/tests/unit/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(EXTRA) $(TEST_LIBS) -lcmocka $(LIBS)

# --- fuzz targets: tests/fuzz/fuzz_<module>.c, under libFuzzer or the standalone driver ---------
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/tests/fuzz/%)
FUZZ_EXTRA = $(wildcard $(O)/lib/librepo-server.a $(O)/lib/libapp-controller.a $(O)/lib/libapi-server.a $(O)/lib/libcli.a)
FUZZ_LIBS  = $(foreach d,repo-server app-controller api-server cli,$(if $(wildcard $(d)),$(O)/lib/lib$(d).a)) $(LIB_ENGINE) $(LIB_COMMON)
ifeq ($(PROFILE),fuzz)
  FUZZ_LINK := -fsanitize=fuzzer
else
  FUZZ_MAIN := $(O)/obj/tests/fuzz/standalone.o
endif
$(FUZZ_BIN): $(O)/tests/fuzz/%: $(O)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $(FUZZ_LINK) -o $@ $< $(FUZZ_MAIN) $(FUZZ_LIBS) $(LIBS)

# --- programs that tests run: tests/programs/<name>.c -> build/tests/programs/<name> ----------------
PROGRAM_BIN := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/programs/*.c)))
$(PROGRAM_BIN): $(O)/tests/programs/%: $(O)/obj/tests/programs/%.o $(LIB_ENGINE) $(LIB_COMMON)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# --- benchmarks: bench/bench_<what>.c -----------------------------------------------------------
BENCH_BIN := $(patsubst bench/%.c,$(O)/bench/%,$(sort $(wildcard bench/bench_*.c)))
$(BENCH_BIN): $(O)/bench/%: $(O)/obj/bench/%.o $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< $(FUZZ_LIBS) $(LIBS)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

.PHONY: FORCE
FORCE:
.SECONDARY:
