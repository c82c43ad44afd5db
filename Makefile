# SPDX-License-Identifier: Apache-2.0
# mod_items: one screen of targets. What a target does is in the file it calls.
#
#   make            build/mod_items.so              make install [DESTDIR=…]
#   make run        try it: kit on 127.0.0.1        make run TABLE=… REGION=…
#   make test       everything, with its installs   make check   lint, unit, fuzz replay
#   make check-http whole server                    make asan    the same under sanitizers
#   make analyze    static analysis                 make fuzz T=scan S=60
#   make valgrind   unit tests under valgrind       make format  clang-format in place

APXS    ?= $(or $(shell command -v apxs),apxs)
CC      ?= gcc
B       ?= build
,       := ,
PROFILE ?= release
include tests/flags.mk

SRC     := $(sort $(wildcard src/*/*.c))
OBJ     := $(SRC:%.c=$(B)/obj/%.o)
UNIT    := $(sort $(wildcard tests/unit/test_*.c))
FUZZ    := $(sort $(wildcard tests/fuzz/fuzz_*.c))

all: $(B)/mod_items.so

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libitems.a: $(OBJ)
	@rm -f $@
	$(AR) crs $@ $(OBJ)

# apxs links (libtool, with httpd's own flags); its litter stays in a folder of its own.
$(B)/mod_items.so: $(B)/obj/mod_items.o $(B)/libitems.a src/exports.map
	@rm -rf $(B)/link && mkdir -p $(B)/link
	$(APXS) -S CC='$(CC)' -c -o $(B)/link/mod_items.la $(addprefix -Wl$(,),$(ALL_LDFLAGS)) \
	  $(addprefix -Wl$(,),$(MODULE_LDFLAGS)) $(B)/obj/mod_items.o $(B)/libitems.a $(LIBS)
	mv $(B)/link/.libs/mod_items.so $@
	@rm -rf $(B)/link

# Rebuild when the flags or the compiler change.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || \
	  echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@

install: $(B)/mod_items.so
	install -D -m 0755 $(B)/mod_items.so '$(DESTDIR)$(shell $(APXS) -q LIBEXECDIR)/mod_items.so'

clean:
	rm -rf build

include tests/targets.mk

-include $(OBJ:.o=.d) $(B)/obj/mod_items.d
FORCE:
.PHONY: all install clean FORCE
.DELETE_ON_ERROR:
