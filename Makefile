# SPDX-License-Identifier: Apache-2.0
# mod_items: one screen of targets. What a target does is in the file it calls.
#
#   make            build/mod_items.so              make install [DESTDIR=…]
#   make run        try it: kit on 127.0.0.1        make run TABLE=… REGION=…
#   make test       everything, with its installs   make check   lint, unit, fuzz replay
#   make check-http whole server                    make asan    the same under sanitizers
#   make analyze    static analysis                 make fuzz T=scan S=60
#   make valgrind   unit tests under valgrind       make format  clang-format in place
#   make cover      what the tests reach            make prove   what takes longer (an hour)
#
# CC=clang, WERROR=1, V=1 (show commands), B=folder, CFLAGS, CPPFLAGS and LDFLAGS from outside.

APXS    ?= $(or $(shell command -v apxs),$(shell command -v apxs2),apxs)
B       ?= build
DOCDIR  ?= /usr/share/doc/mod_items
PROFILE ?= release
Q       := $(if $(V),,@)
,       := ,
ifeq ($(origin CC),default)
CC      := gcc
endif
include tests/flags.mk

SRC     := $(sort $(wildcard src/*/*.c))
OBJ     := $(SRC:%.c=$(B)/obj/%.o)

all: $(B)/mod_items.so

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo '  CC   $@'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libitems.a: $(OBJ)
	@rm -f $@
	$(Q)$(AR) crs $@ $(OBJ)

# apxs links (libtool, with httpd's own flags), in a folder of its own for its litter. libtool warns
# that archives are not portable; on Linux they are, so its words are shown only when it fails.
$(B)/mod_items.so: $(B)/obj/mod_items.o $(B)/libitems.a src/exports.map
	@rm -rf $(B)/link && mkdir -p $(B)/link
	@echo '  LINK $@'
	$(Q)$(APXS) -S CC='$(CC)' -c -o $(B)/link/mod_items.la $(addprefix -Wl$(,),$(ALL_LDFLAGS)) \
	  $(addprefix -Wl$(,),$(MODULE_LDFLAGS)) $(B)/obj/mod_items.o $(B)/libitems.a $(LIBS) \
	  > $(B)/link/log 2>&1 || { cat $(B)/link/log; exit 1; }
	@mv $(B)/link/.libs/mod_items.so $@ && rm -rf $(B)/link

# Rebuild when the compiler or a flag changes; say what is missing before a compiler does.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || { \
	  APXS='$(APXS)' CC='$(CC)' CPPFLAGS='$(ALL_CPPFLAGS)' tests/needs && \
	  echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@; }

install: $(B)/mod_items.so
	install -D -m 0755 $(B)/mod_items.so '$(DESTDIR)$(shell $(APXS) -q LIBEXECDIR)/mod_items.so'
	install -D -m 0644 -t '$(DESTDIR)$(DOCDIR)' $(wildcard conf/*.conf)

clean:
	rm -rf build

include tests/targets.mk

-include $(OBJ:.o=.d) $(B)/obj/mod_items.d
FORCE:
.PHONY: all install clean FORCE
.DELETE_ON_ERROR:
