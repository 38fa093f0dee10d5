# agent-batch: build, test, install.
#
#   make              build everything into $(B)
#   make demo         set up, build, run a batch of simulated agents
#   make check        set up, then every test; closes with "N passed, N failed"
#   make check SAN=address,undefined
#   make install      PREFIX=/usr/local (or prefix=), DESTDIR=
#   make deb          a Debian package, in $(B)
#
# Everything is built under one folder, laid out as it is installed:
#   $(B)/bin/agent-batch, $(B)/libexec/agent-batch/*, $(B)/share -> share/

VERSION := 3.0.0

# make has a default of its own, which ?= would keep.
ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
WERROR ?= $(if $(CI),1,)
B ?= build$(if $(SAN),/san-$(CC),$(if $(filter clang,$(CC)),/clang,))

prefix ?= /usr/local
PREFIX ?= $(prefix)
DESTDIR ?=
bindir := $(DESTDIR)$(PREFIX)/bin
libexecdir := $(DESTDIR)$(PREFIX)/libexec/agent-batch
datadir := $(DESTDIR)$(PREFIX)/share
mandir := $(datadir)/man

comma := ,
PKGS := libuv libcjson ncursesw libpcre2-8
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wshadow -Wswitch-enum \
	-Wformat=2 -Wpointer-arith -Wwrite-strings $(if $(WERROR),-Werror)
OPT ?= $(if $(SAN),-O1 -g -fno-omit-frame-pointer,-O2 -g)
HARDEN := $(if $(SAN),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE)
HARDEN_LD := $(if $(SAN),,-pie -Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
COVFLAGS := $(if $(COVERAGE),--coverage -O0)

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -lm
CPPFLAGS_ALL := -D_GNU_SOURCE -DAB_VERSION='"$(VERSION)"' -Isrc -I. -include base/banned.h $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL := -std=c17 $(OPT) $(WARN) $(HARDEN) $(SANFLAGS) $(COVFLAGS) $(CFLAGS)
LDFLAGS_ALL := $(HARDEN_LD) $(SANFLAGS) $(COVFLAGS) $(LDFLAGS)

# The shim is a program of its own: static, with musl where it is there (its
# wrapper has no kernel headers, and no sanitizer runtime).
SHIM_CC ?= $(if $(SAN)$(COVERAGE),$(CC),$(if $(shell command -v musl-gcc),musl-gcc,$(CC)))
SHIM_CFLAGS := -std=c17 -D_GNU_SOURCE $(if $(SAN),-O1 -g,-Os) $(filter-out -Wshadow,$(WARN)) -Isrc -include base/banned.h

LIB_SRC := $(sort $(wildcard src/base/*.c src/model/*.c src/policy/*.c src/formats/*.c \
	src/exec/*.c src/engine/*.c src/view/*.c src/view/*/*.c ui/*.c)) \
	$(sort $(filter-out src/cli/main.c,$(wildcard src/cli/*.c)))
SHIM_SRC := $(sort $(wildcard src/exec/shim/*.c)) src/exec/procstat.c src/base/utf8.c
SIM_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard src/exec/sim/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB := $(B)/libagent-batch.a
BIN := $(B)/bin/agent-batch
SHIM := $(B)/libexec/agent-batch/agent-batch-shim
SIM := $(B)/libexec/agent-batch/agent-batch-sim
# bash and fish look for a command's completions in a file of its name: links there, too.
LINK_NAMES := agent-batch-launch-v3 agent-batch-launch-v2 agent-batch-launch agent-batch-status \
	agent-batch-retry agent-batch-monitor agent-batch-monitor-bg agent-batch-wait \
	agent-batch-collect summon_agent

# Names that have no page of their own: NAME:PAGE
MAN_LINKS := agent-batch-launch-v3:agent-batch-launch agent-batch-launch-v2:agent-batch-launch \
	summon_agent:agent-batch-summon_agent

HDRS := $(sort $(wildcard src/*/*.h src/*/*/*.h ui/*.h))
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)

.DEFAULT_GOAL := all
# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-4s %s\n' '$(1)' '$(2)')
.PHONY: all deps need demo check programs-for-tests unit fuzz bench install uninstall deb clean format \
	format-check hdr-check coverage
.DELETE_ON_ERROR:
.SECONDARY:

all: need $(BIN) $(SHIM) $(SIM) $(B)/.links

# ---- what must be there -------------------------------------------------

deps:
	@sh tests/deps.sh install

need:
	@sh tests/deps.sh need-build

# ---- build --------------------------------------------------------------

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rcs $@ $^

$(BIN): $(B)/obj/src/cli/main.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(SHIM): $(SHIM_SRC) $(sort $(wildcard src/exec/shim/*.h))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(SHIM_CC) $(SHIM_CFLAGS) -static -s -o $@ $(SHIM_SRC)

$(SIM): $(SIM_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(B)/.links: $(BIN)
	@for n in $(LINK_NAMES); do ln -sfn agent-batch $(B)/bin/$$n; done
	@[ -e $(B)/share ] || ln -sfn "$(CURDIR)/share" $(B)/share
	@touch $@

-include $(LIB_OBJ:.o=.d) $(B)/obj/src/cli/main.d $(SIM_OBJ:.o=.d)

# ---- test ---------------------------------------------------------------

# Tests find our helper programs and share/ beside themselves, as an installed binary does.
$(B)/tests/.links:
	@mkdir -p $(@D)
	@ln -sfn ../libexec $(B)/tests/libexec
	@ln -sfn "$(CURDIR)/share" $(B)/tests/share
	@touch $@

# Compiled apart from linking: a change of the library links them again and compiles none.
$(B)/obj/tests/%.o: CPPFLAGS_ALL += -Itests

$(B)/tests/%: $(B)/obj/tests/%.o $(LIB) | $(B)/tests/.links
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(PKG_LIBS)

# It runs the program.
$(B)/tests/unit/sim_agent_test: | $(SIM)

-include $(UNIT_SRC:%.c=$(B)/obj/%.d)

SIMULATOR := $(B)/tests/sim/sim
$(SIMULATOR): $(sort $(wildcard tests/sim/*.c)) $(wildcard tests/sim/*.h) tests/support/service.h $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests -Itests/sim $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $(filter %.c,$^) $(LIB) $(PKG_LIBS)

programs-for-tests: $(UNIT_BIN) $(SIMULATOR) $(B)/tests/support/limited

unit: $(UNIT_BIN) $(SHIM)
	@B=$(B) sh tests/run.sh $(UNIT_BIN)

# New inputs by libFuzzer, FUZZ_SECS for each target; the seeds run as unit tests too.
FUZZ_SECS ?= 60
FUZZ_NAMES := $(patsubst tests/fuzz/%_fuzz.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

$(B)/tests/fuzz/%: tests/fuzz/%.c $(LIB) | $(B)/tests/.links
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(LIB) $(PKG_LIBS)

fuzz:
	@$(MAKE) CC=clang SAN=address,undefined,fuzzer-no-link B=build/fuzz $(FUZZ_NAMES:%=build/fuzz/tests/fuzz/%_fuzz)
	@set -e; for n in $(FUZZ_NAMES); do \
	  mkdir -p build/fuzz/corpus/$$n; seeds=tests/fuzz/seeds/$$n; [ -d $$seeds ] || seeds=; \
	  build/fuzz/tests/fuzz/$${n}_fuzz -max_total_time=$(FUZZ_SECS) build/fuzz/corpus/$$n $$seeds; \
	done

demo: deps
	@$(MAKE) --no-print-directory all
	@$(BIN) demo

check: deps
	@MAKE="$(MAKE)" SAN="$(SAN)" sh tests/check.sh

BENCH_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/bench/*.c)))

bench: all $(BENCH_BIN)
	@B=$(B) sh tests/bench/run.sh

hdr-check:
	@for h in $(HDRS); do \
	  echo "#include \"$$h\"" | $(CC) $(CPPFLAGS_ALL) -std=c17 $(WARN) -Werror -fsyntax-only -x c - \
	    || { echo "not ok - $$h does not compile alone"; exit 1; }; done; echo "ok - every header compiles alone"

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

format-check:
	@clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h') && echo "ok - formatted"

coverage:
	$(MAKE) COVERAGE=1 B=build/coverage unit
	@mkdir -p coverage && gcovr --root . --filter src/ --filter ui/ --html-details coverage/index.html \
	  || echo "install gcovr for the pages; the counts are in build/coverage"

clean:
	rm -rf build coverage

# ---- install ------------------------------------------------------------

install: all
	install -d $(bindir) $(libexecdir) $(datadir)/agent-batch $(mandir)/man1 $(mandir)/man5
	install -m 755 $(BIN) $(bindir)/agent-batch
	for n in $(LINK_NAMES); do ln -sfn agent-batch $(bindir)/$$n; done
	install -m 755 $(SHIM) $(SIM) $(libexecdir)/
	find share/agent-batch -type d | while read -r d; do install -d "$(datadir)/$${d#share/}"; done
	find share/agent-batch -type f | while read -r f; do install -m 644 "$$f" "$(datadir)/$${f#share/}"; done
	install -d $(datadir)/doc/agent-batch
	install -m 644 README.md LICENSE share/doc/*.md $(datadir)/doc/agent-batch/
	for p in man/*.1; do install -m 644 $$p $(mandir)/man1/; done
	for p in man/*.5; do [ -e "$$p" ] && install -m 644 $$p $(mandir)/man5/; done; true
	for l in $(MAN_LINKS); do ln -sfn $${l#*:}.1 $(mandir)/man1/$${l%:*}.1; done
	install -d $(datadir)/bash-completion/completions $(datadir)/zsh/site-functions $(datadir)/fish/vendor_completions.d
	[ ! -e share/completions/agent-batch.bash ] || install -m 644 share/completions/agent-batch.bash $(datadir)/bash-completion/completions/agent-batch
	for n in $(LINK_NAMES); do ln -sfn agent-batch $(datadir)/bash-completion/completions/$$n; done
	[ ! -e share/completions/_agent-batch ] || install -m 644 share/completions/_agent-batch $(datadir)/zsh/site-functions/_agent-batch
	[ ! -e share/completions/agent-batch.fish ] || install -m 644 share/completions/agent-batch.fish $(datadir)/fish/vendor_completions.d/agent-batch.fish
	for n in $(LINK_NAMES); do ln -sfn agent-batch.fish $(datadir)/fish/vendor_completions.d/$$n.fish; done

uninstall:
	rm -f $(bindir)/agent-batch $(addprefix $(bindir)/,$(LINK_NAMES))
	rm -rf $(libexecdir) $(datadir)/agent-batch $(datadir)/doc/agent-batch
	for p in man/*.1; do rm -f $(mandir)/man1/$$(basename $$p); done
	for p in man/*.5; do rm -f $(mandir)/man5/$$(basename $$p); done
	for l in $(MAN_LINKS); do rm -f $(mandir)/man1/$${l%:*}.1; done
	rm -f $(addprefix $(datadir)/bash-completion/completions/,agent-batch $(LINK_NAMES))
	rm -f $(datadir)/zsh/site-functions/_agent-batch \
	  $(patsubst %,$(datadir)/fish/vendor_completions.d/%.fish,agent-batch $(LINK_NAMES))

# A Debian package of the same, in $(B).
deb: all
	@MAKE="$(MAKE)" B="$(B)" share/debian/build.sh $(B) $(VERSION)
