# goprof: make, make demo, make test, make bench, make install. See docs/development.md.
CC ?= cc
BUILD ?= build
PREFIX ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1)

WARN_COMMON := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef \
	-Wswitch-enum -Wnull-dereference -Wconversion -Wno-sign-conversion
WARN_GCC := -Wcast-align=strict -Wimplicit-fallthrough=5 -Wlogical-op -Wduplicated-cond \
	-Wduplicated-branches -Wstack-usage=16384
WARN := $(WARN_COMMON) $(if $(findstring clang,$(CC)),,$(WARN_GCC))
OPT ?= -O2
CFLAGS += -std=gnu17 $(OPT) -g -fno-omit-frame-pointer -fvisibility=hidden -pthread $(WARN) \
	$(if $(WERROR),-Werror)
CPPFLAGS += -D_GNU_SOURCE -Isrc -Iinclude
LDLIBS := -ldeflate -lzstd -lpcre2-8 -liberty -ledit -lm -pthread

# All of src/ but the commands is one archive, which the tool, the tests and the fuzzers link.
SOURCES := $(filter-out src/recorder/%,$(shell find src -name '*.c' | sort))
ASSETS := $(shell find src -name '*.S' | sort)
LIB_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out src/cmd/%,$(SOURCES))) \
	$(patsubst %.S,$(BUILD)/%.o,$(ASSETS))
CMD_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter src/cmd/%,$(SOURCES)))
UNIT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(shell find tests/unit -name '*.c' | sort))

all: $(BUILD)/goprof $(BUILD)/libgoprof.so $(BUILD)/libgoprof.a

$(BUILD)/goprof: $(CMD_OBJECTS) $(BUILD)/libhouse.a
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libhouse.a: $(LIB_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

# For the fuzzer of flags.
$(BUILD)/libcommand.a: $(filter-out %/main.o,$(CMD_OBJECTS))
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/unit: $(UNIT_OBJECTS) $(BUILD)/libhouse.a
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/bench/make_profile: $(BUILD)/bench/make_profile.o $(BUILD)/libhouse.a
	@echo '  LD $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/src/base/version.o: CPPFLAGS += -DGOPROF_VERSION='"$(VERSION)"'
$(BUILD)/tests/%.o: CPPFLAGS += -Itests/unit
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $<'
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.S Makefile
	@mkdir -p $(@D)
	@echo '  AS $<'
	@$(CC) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# libgoprof: the recorder and the few files of the house that it brings along, none of which
# touches the heap. All of it becomes one object whose code is in a section of its own, so
# that the library tells its frames from the program's, and whose names are its own.
GUEST := $(addprefix base/,error exponential memory pages str writer) \
	$(addprefix profile/,recording recording_encode recording_kinds recording_names) \
	profile/recording_socket profile/trace profile/wire_put base/json \
	$(addprefix target/,schedule schedule_cgroup schedule_text system_call) \
	binary/radix binary/symbol_scan heapdump/dump_writer \
	$(addprefix unwind/,build cfi compile eh_frame expression full rows trail walk walk_go window) \
	$(addprefix http/,connection guard listen query reply request server) \
	$(filter-out recorder/static_next,$(patsubst src/%.c,%,$(wildcard src/recorder/*.c)))
GUEST_OBJECTS := $(GUEST:%=$(BUILD)/recorder/%.o)
# Always optimised, never sanitized: hooks must end in jumps to what they pass calls on to,
# and the run-time library of a sanitizer is no guest.
GUEST_CFLAGS := -fPIC -ftls-model=initial-exec -fomit-frame-pointer -fno-builtin-malloc \
	-fno-stack-protector -fexceptions
# Cleans up behind cancelled threads by libc's own means, which need no library.
$(BUILD)/recorder/recorder/wait_hooks.o $(BUILD)/recorder/recorder/join_hooks.o: \
	GUEST_CFLAGS += -fno-exceptions

$(BUILD)/recorder/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $< (guest)'
	@$(CC) $(CPPFLAGS) $(subst $(OPT),-O2,$(CFLAGS)) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/recorder/libgoprof.o: $(GUEST_OBJECTS)
	@$(LD) -r -o $@ $^ $(shell $(CC) -print-file-name=libdeflate.a)
	@objcopy --localize-hidden --wildcard --localize-symbol='libdeflate_*' \
		$(foreach s,.text .text.hot .text.unlikely .text.startup .text.exit,\
			--rename-section $s=goprof_text) $@

# The second member is for programs without a loader only.
$(BUILD)/libgoprof.a: $(BUILD)/recorder/libgoprof.o $(BUILD)/recorder/recorder/static_next.o
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/libgoprof.so: $(BUILD)/recorder/libgoprof.o src/recorder/libgoprof.map
	@echo '  LD $@'
	@$(CC) -shared $(LDFLAGS) -Wl,-z,nodelete,-z,defs,-z,now,-z,relro,-Bsymbolic-functions \
		-Wl,-soname,libgoprof.so -Wl,--version-script=src/recorder/libgoprof.map \
		-o $@ $<

# The bundled workload of the demo: built as distributions build, without frame pointers.
DEMO_SOURCES := $(shell find demo -name '*.c' | sort)
$(BUILD)/wordstorm: $(DEMO_SOURCES) $(shell find demo -name '*.h') Makefile
	@mkdir -p $(@D)
	@echo '  LD $@'
	@$(CC) -D_GNU_SOURCE -std=gnu17 -O2 -g -fomit-frame-pointer -pthread $(WARN) \
		-o $@ $(DEMO_SOURCES)

# Tools of the bench: one file each, linked with the house.
$(BUILD)/bench/%: bench/%.c $(BUILD)/libhouse.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libhouse.a $(LDLIBS)

demo:
	@scripts/install_deps.sh demo
	@$(MAKE) --no-print-directory $(BUILD)/goprof $(BUILD)/wordstorm
	@BUILD=$(BUILD) demo/run.sh

test:
	@scripts/install_deps.sh test
	@$(MAKE) --no-print-directory all $(BUILD)/unit $(BUILD)/wordstorm
	@BUILD=$(BUILD) tests/run.sh

# The figures of the README, peers side by side; each script runs alone as well.
bench: all
	@scripts/install_deps.sh test
	@BUILD=$(BUILD) bench/run.sh

# What ui.S embeds.
$(BUILD)/src/report/ui.o: $(wildcard src/report/ui/*)
$(BUILD)/src/web/ui.o: $(wildcard src/web/ui/*)

unit: $(BUILD)/unit
	$(BUILD)/unit

golden-update: all
	BUILD=$(BUILD) tests/golden/run.sh --update

fuzz:
	BUILD=$(BUILD) tests/fuzz/run.sh

format:
	find src include tests bench demo -name '*.[ch]' | xargs clang-format -i

lint:
	BUILD=$(BUILD) tests/run.sh checks

install: all
	install -D $(BUILD)/goprof $(DESTDIR)$(PREFIX)/bin/goprof
	install -D $(BUILD)/libgoprof.so $(DESTDIR)$(PREFIX)/lib/libgoprof.so
	install -D -m 644 $(BUILD)/libgoprof.a $(DESTDIR)$(PREFIX)/lib/libgoprof.a
	install -D -m 644 include/goprof.h $(DESTDIR)$(PREFIX)/include/goprof.h
	@mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(BUILD)/goprof help --man > $(DESTDIR)$(PREFIX)/share/man/man1/goprof.1
	$(BUILD)/goprof help --completion \
		> $(DESTDIR)$(PREFIX)/share/bash-completion/completions/goprof

clean:
	rm -rf $(BUILD)

print-%:
	@echo $($*)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all demo test bench unit golden-update fuzz format lint install clean
