# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags: warnings, hardening, profiles. Included by the Makefile.
# CFLAGS, CPPFLAGS and LDFLAGS from outside are kept and stand last.

APR_CONFIG := $(shell $(APXS) -q APR_CONFIG 2>/dev/null)
GCC        := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,yes)
X86        := $(filter x86_64,$(shell uname -m))
ARM        := $(filter aarch64,$(shell uname -m))

# A flag that only newer compilers know.
known = $(if $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo yes),$(1))

HTTPD_INCLUDE := $(shell $(APXS) -q INCLUDEDIR 2>/dev/null)
APR_INCLUDE   := $(if $(APR_CONFIG),$(shell $(APR_CONFIG) --includedir 2>/dev/null))

# -isystem: httpd's and APR's headers are not ours to warn about.
INCLUDES := -Isrc $(HTTPD_INCLUDE:%=-isystem %) $(APR_INCLUDE:%=-isystem %)
DEFINES  := -D_GNU_SOURCE \
  $(filter -D%,$(if $(APR_CONFIG),$(shell $(APR_CONFIG) --cppflags 2>/dev/null)))

WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla \
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
  -Wpointer-arith -Wwrite-strings -Wimplicit-fallthrough -Wdouble-promotion \
  -Wnull-dereference -Wdate-time \
  -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion \
  -Werror=format-security -Werror=vla
WARN += $(if $(GCC),-Wformat-signedness -Wcast-qual -Wlogical-op -Wduplicated-cond \
  -Wduplicated-branches -Wjump-misses-init -Warith-conversion -Walloca -Wtrampolines \
  $(call known,-Wbidi-chars=any),-Wconditional-uninitialized -Wimplicit-int-conversion \
  -Wshorten-64-to-32 -Wcomma -Wassign-enum -Wunreachable-code-break)
WARN += $(if $(WERROR),-Werror)

# A distribution that sets its own level of _FORTIFY_SOURCE keeps it.
FORTIFY := $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,\
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN := -fstack-protector-strong -fno-delete-null-pointer-checks -fno-strict-overflow \
  -fno-strict-aliasing $(call known,-fstack-clash-protection) \
  $(if $(X86),-fcf-protection=full) $(if $(ARM),-mbranch-protection=standard)

# The concrete classes of gcc 12's -fanalyzer; the others (too-complex, taint) are no verdicts.
ANALYZER := double-fclose double-free exposure-through-output-file file-leak free-of-non-heap \
  malloc-leak mismatching-deallocation null-argument null-dereference possible-null-argument \
  possible-null-dereference shift-count-negative shift-count-overflow stale-setjmp-buffer \
  unsafe-call-within-signal-handler use-after-free use-of-pointer-in-stale-stack-frame \
  use-of-uninitialized-value write-to-const write-to-string-literal

FLAGS_release := -O2 -g $(HARDEN) $(FORTIFY) $(if $(GCC),$(call known,-ftrivial-auto-var-init=zero))
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -U_FORTIFY_SOURCE
FLAGS_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -U_FORTIFY_SOURCE
# Atomic: the counters are shared by threads. Every child of httpd adds its own when it ends.
FLAGS_cover := -O0 -g --coverage -fprofile-update=atomic -U_FORTIFY_SOURCE
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -U_FORTIFY_SOURCE -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
FLAGS_analyze := -O2 -g -fanalyzer $(ANALYZER:%=-Werror=analyzer-%)

ALL_CPPFLAGS := $(INCLUDES) $(DEFINES) $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu11 -pthread -fPIC $(WARN) $(FLAGS_$(PROFILE)) $(CFLAGS)
# nodelete: a resolver thread may sit inside getaddrinfo() while httpd unloads modules at its end.
ALL_LDFLAGS  := -pthread $(filter -fsanitize% --coverage,$(FLAGS_$(PROFILE))) -Wl,-z,relro -Wl,-z,now \
  -Wl,-z,noexecstack -Wl,--as-needed -Wl,--no-copy-dt-needed-entries \
  -Wl,-z,nodelete $(LDFLAGS)
# Only the module needs the version script: the programs of the tests link the plain library.
MODULE_LDFLAGS := -Wl,--version-script=src/exports.map
LIBS := -lcurl -ljson-c -lssl -lcrypto \
  $(if $(APR_CONFIG),$(shell $(APR_CONFIG) --link-ld --libs 2>/dev/null))
