# Compiler and flags per profile: release (default), asan, tsan, cover, fuzz.

PROFILE ?= release
CSTD    := -std=gnu17 -D_GNU_SOURCE
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
           -Wvla -Wcast-qual -Wwrite-strings -Wpointer-arith -Wconversion -Wno-sign-conversion \
           -Wimplicit-fallthrough -Wswitch-enum -Wdate-time
HARDEN  := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
INCLUDE := -I. -I$(O)/gen

ifeq ($(PROFILE),release)
  OPT := -O2 -g $(HARDEN)
  LINK := -Wl,-z,relro,-z,now,-z,pack-relative-relocs
else ifeq ($(PROFILE),asan)
  OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
  LINK := -fsanitize=address,undefined
else ifeq ($(PROFILE),tsan)
  OPT := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
  LINK := -fsanitize=thread
else ifeq ($(PROFILE),cover)
  OPT := -O0 -g --coverage -fprofile-update=atomic
  LINK := --coverage
else ifeq ($(PROFILE),fuzz)
  CC := clang-14
  # gcc is who judges warnings; these two clang sees differently (environ, assert(!"text"))
  WARN += -Wno-shadow -Wno-string-conversion
  OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
  LINK := -fsanitize=address,undefined
else
  $(error PROFILE must be release, asan, tsan, cover or fuzz)
endif

# Faults can be injected in every build but the release (common/base/fault.h).
ifneq ($(PROFILE),release)
  OPT += -DBELAY_FAULTS=1
endif

VERSION := $(shell cat VERSION)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)

PKGS     := libgit2 libcurl yaml-0.1 libprotobuf-c libuv openssl libnghttp2 zlib libpcre2-8 lua5.1
LIBS     := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lnng -ljq -lcrypt -lpthread -lm
PKG_INC  := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)

# What the command line tool loads when it first calls it (tools/lazy_libs.py): most commands need none of these.
LAZY_SO  := libcrypto.so libssl.so libuv.so libyaml.so libpcre2-8.so liblua5.1.so libcrypt.so libz.so libm.so.6
LAZY     := $(if $(filter release,$(PROFILE)),$(filter x86_64,$(shell uname -m)))

CFLAGS   ?=
CFLAGS_ALL = $(CSTD) $(OPT) $(WARN) -fPIE $(INCLUDE) $(PKG_INC) $(CFLAGS)
# generated code is not ours to mend
CFLAGS_GEN = $(CSTD) $(OPT) -w -fPIE $(INCLUDE) $(PKG_INC) $(CFLAGS)
LDFLAGS_ALL = -pie $(LINK) $(LDFLAGS)
