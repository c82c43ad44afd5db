# SPDX-License-Identifier: Apache-2.0
# Test targets. Included by the Makefile. Each check runs under tests/verdict, which prints one line
# for it; tests/run adds those lines up for `make test`. What takes long is exec'ed, so that make itself
# is its parent, and a make that is killed ends it (tests/kit/process.py).

UNIT     := $(sort $(wildcard tests/unit/test_*.c))
FUZZ     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
UNIT_BIN := $(UNIT:tests/unit/%.c=$(B)/unit/%)
FUZZ_BIN := $(FUZZ:tests/fuzz/%.c=$(B)/replay/%)
GUARDS   := $(patsubst tests/lint/%,lint-%,$(filter-out %.py %__pycache__,$(wildcard tests/lint/*)))
PYTHON   ?= $(or $(wildcard build/venv/bin/python),python3)
# libcheck's own list: some builds need subunit beside it, some don't.
CHECK    := $(or $(shell pkg-config --libs check 2>/dev/null),-lcheck -lsubunit -lrt -lm)

# Every check is run, whatever failed before; output of parallel ones does not mix.
EACH     := $(MAKE) --no-print-directory -k -Otarget
# How the sanitizers are to behave; halting is compiled in.
SANITIZE := ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
  UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
# What a verdict's name begins with.
HOW      ?= $(if $(filter release,$(PROFILE)),,$(PROFILE) )

programs: $(B)/mod_items.so $(UNIT_BIN) $(FUZZ_BIN)

check:
	+@$(EACH) lint unit replay

# One program per source file's tests; main.c runs the file's suite.
$(B)/unit/%: tests/unit/%.c tests/unit/main.c $(wildcard tests/unit/*.h) $(B)/libitems.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -o $@ $< tests/unit/main.c \
	  $(B)/libitems.a $(ALL_LDFLAGS) $(CHECK) $(LIBS)

unit: $(UNIT_BIN:%=%.run)
$(UNIT_BIN:%=%.run): %.run: %
	@$(SANITIZE) tests/verdict '$(HOW)unit $(*F)' $(abspath $*)

# The same under valgrind, without forks: a definite leak is an error.
valgrind: $(UNIT_BIN:%=%.grind)
$(UNIT_BIN:%=%.grind): %.grind: %
	@CK_FORK=no tests/verdict 'valgrind unit $(*F)' valgrind --quiet --error-exitcode=9 \
	  --suppressions=tests/valgrind.supp \
	  --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite $(abspath $*)

# The fuzz targets with an ordinary main that replays the corpus.
$(B)/replay/%: tests/fuzz/%.c tests/fuzz/standalone.c tests/fuzz/fuzz.h $(B)/libitems.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/fuzz $(ALL_CFLAGS) -o $@ $< tests/fuzz/standalone.c \
	  $(B)/libitems.a $(ALL_LDFLAGS) $(LIBS)

replay: $(FUZZ_BIN:%=%.run)
$(FUZZ_BIN:%=%.run): %.run: %
	@$(SANITIZE) tests/verdict '$(HOW)replay $(*F)' $(abspath $*) \
	  tests/fuzz/corpus/$(patsubst fuzz_%,%,$(*F))

# The guards. Those that judge what was built get it from here.
lint: $(GUARDS)
$(GUARDS): lint-%: $(B)/mod_items.so
	@PYTHONDONTWRITEBYTECODE=1 B='$(B)' CC='$(CC)' CPPFLAGS='$(ALL_CPPFLAGS)' tests/verdict 'lint $*' tests/lint/$*

# Whole server. httpd itself is not built with sanitizers, so their run times are preloaded, and what
# it leaves to its end is not called a leak.
PRELOAD = $(if $(filter asan,$(PROFILE)),$(shell $(CC) -print-file-name=libasan.so) \
  $(shell $(CC) -print-file-name=libubsan.so))
check-http: $(B)/mod_items.so
	@exec env ITEMS_MODULE='$(abspath $(B)/mod_items.so)' ITEMS_PRELOAD='$(strip $(PRELOAD))' \
	  ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1 \
	  UBSAN_OPTIONS=print_stacktrace=1 VERDICT_SECONDS=$(or $(VERDICT_SECONDS),400) \
	  tests/verdict '$(HOW)http' $(PYTHON) -m pytest tests/http

asan:
	+@$(EACH) PROFILE=asan B=$(B)/asan unit replay check-http

tsan:
	+@$(EACH) PROFILE=tsan B=$(B)/tsan unit

# Static analysis: three tools, three verdicts.
analyze:
	+@$(EACH) analyze-gcc analyze-tidy analyze-cppcheck

analyze-gcc:
	@tests/verdict 'analyze gcc' $(MAKE) CC=gcc PROFILE=analyze B=$(B)/analyze \
	  $(B)/analyze/libitems.a $(B)/analyze/obj/mod_items.o

analyze-tidy:
	@tests/verdict 'analyze clang-tidy' $(MAKE) -k $(SRC:%=$(B)/tidy/%) $(B)/tidy/mod_items.c

# One stamp per file, so that only what changed is looked at again.
$(B)/tidy/%.c: %.c .clang-tidy $(wildcard src/*/*.h)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- $(ALL_CPPFLAGS) -std=gnu11 2> $@.log || { cat $@.log; exit 1; }
	@touch $@

# unusedFunction and the like need the whole program and are not among the three classes.
analyze-cppcheck:
	@tests/verdict 'analyze cppcheck' cppcheck --quiet --std=c11 --inline-suppr \
	  --enable=warning,portability,performance --error-exitcode=1 --suppress=missingInclude \
	  --suppress='*:$(HTTPD_INCLUDE)/*' --suppress='*:$(APR_INCLUDE)/*' \
	  -Isrc $(DEFINES) $(SRC) mod_items.c

# libFuzzer on one target; what it finds new is kept below $(B)/fuzz/corpus.
T ?= scan
S ?= 60
fuzz:
	@$(MAKE) --no-print-directory CC=clang PROFILE=fuzz B=$(B)/fuzz $(B)/fuzz/bin/fuzz_$(T)
	@mkdir -p $(B)/fuzz/corpus/$(T)
	$(B)/fuzz/bin/fuzz_$(T) -max_total_time=$(S) -artifact_prefix=$(B)/fuzz/ -print_final_stats=1 \
	  $(addprefix -dict=,$(wildcard tests/fuzz/dict/$(T).dict)) \
	  $(B)/fuzz/corpus/$(T) tests/fuzz/corpus/$(T)

$(B)/bin/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/standalone.c tests/fuzz/fuzz.h $(B)/libitems.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/fuzz $(ALL_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ \
	  $< tests/fuzz/standalone.c $(B)/libitems.a $(ALL_LDFLAGS) $(LIBS)

FORMATTED := $(SRC) $(wildcard mod_items.c src/*/*.h tests/unit/*.[ch] tests/fuzz/*.[ch] \
  tests/bench/*.[ch])
format:
	clang-format -i $(FORMATTED)
	! command -v gofmt > /dev/null || gofmt -w tests/bench/peers/go
	! command -v rustfmt > /dev/null || rustfmt --config-path tests/bench/peers/rust \
	  tests/bench/peers/rust/src/main.rs
format-check:
	tests/lint/format

# Everything, from the installs to the last line. The runner is Python: a bare Debian gets it first.
test:
	@command -v python3 > /dev/null || sh tests/kit/install.sh run test || \
	  { echo '0 passed, 1 failed'; exit 1; }
	@tests/run

-include tests/kit/kit.mk
include tests/bench/bench.mk
include tests/prove/oidc.mk
include tests/prove/prove.mk
.PHONY: programs check unit valgrind replay lint check-http asan tsan analyze analyze-gcc analyze-tidy \
  analyze-cppcheck fuzz format format-check test $(GUARDS) $(UNIT_BIN:%=%.run) \
  $(UNIT_BIN:%=%.grind) $(FUZZ_BIN:%=%.run)
