# Test targets. Included by the Makefile.

UNIT_BIN := $(UNIT:tests/unit/%.c=$(B)/unit/%)
FUZZ_BIN := $(FUZZ:tests/fuzz/%.c=$(B)/replay/%)

# One program per source file's tests; main.c runs the file's suite.
$(B)/unit/%: tests/unit/%.c tests/unit/main.c tests/unit/unit.h $(B)/libitems.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -o $@ $< tests/unit/main.c $(B)/libitems.a \
	  -lcheck $(ALL_LDFLAGS) $(LIBS)

unit: $(UNIT_BIN)
	@set -e; for t in $(UNIT_BIN); do ./$$t; done

# The fuzz targets with an ordinary main that replays the corpus.
$(B)/replay/%: tests/fuzz/%.c tests/fuzz/standalone.c tests/fuzz/fuzz.h $(B)/libitems.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -Itests/fuzz $(ALL_CFLAGS) -o $@ $< tests/fuzz/standalone.c \
	  $(B)/libitems.a $(ALL_LDFLAGS) $(LIBS)

replay: $(FUZZ_BIN)
	@set -e; for t in $(FUZZ_BIN); do ./$$t tests/fuzz/corpus/$$(basename $$t | sed s/^fuzz_//); done

.PHONY: unit replay
