# Compiler and linker flags: warnings, hardening, profiles. Included by the Makefile.
# CFLAGS, CPPFLAGS and LDFLAGS from outside are kept and stand last.

APR_CONFIG := $(shell $(APXS) -q APR_CONFIG 2>/dev/null)
GCC        := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,yes)
X86        := $(filter x86_64,$(shell uname -m))
ARM        := $(filter aarch64,$(shell uname -m))

INCLUDES := -Isrc -isystem $(shell $(APXS) -q INCLUDEDIR 2>/dev/null) \
  -isystem $(shell $(APR_CONFIG) --includedir 2>/dev/null)
DEFINES  := -D_GNU_SOURCE $(filter -D%,$(shell $(APR_CONFIG) --cppflags 2>/dev/null))

WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla \
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wredundant-decls \
  -Wpointer-arith -Wwrite-strings -Wimplicit-fallthrough -Wdouble-promotion \
  -Wnull-dereference -Wdate-time \
  -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion \
  -Werror=format-security -Werror=vla
WARN += $(if $(GCC),-Wformat-signedness -Wcast-qual -Wlogical-op -Wduplicated-cond \
  -Wduplicated-branches -Wjump-misses-init -Warith-conversion -Walloca -Wtrampolines \
  -Wbidi-chars=any,-Wconditional-uninitialized -Wimplicit-int-conversion \
  -Wshorten-64-to-32 -Wcomma -Wassign-enum -Wunreachable-code-break)
WARN += $(if $(WERROR),-Werror)

HARDEN := -fstack-protector-strong -fno-delete-null-pointer-checks -fno-strict-overflow \
  -fno-strict-aliasing -fstack-clash-protection \
  $(if $(X86),-fcf-protection=full) $(if $(ARM),-mbranch-protection=standard)

FLAGS_release := -O2 -g $(HARDEN) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
  $(if $(GCC),-ftrivial-auto-var-init=zero)
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -U_FORTIFY_SOURCE
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -U_FORTIFY_SOURCE -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

# Analysis and sanitizer builds need the plain library; only the module needs the version script.
ALL_CPPFLAGS := $(INCLUDES) $(DEFINES) $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu11 -pthread -fPIC $(WARN) $(FLAGS_$(PROFILE)) $(CFLAGS)
ALL_LDFLAGS  := -pthread $(filter -fsanitize%,$(FLAGS_$(PROFILE))) -Wl,-z,relro -Wl,-z,now \
  -Wl,-z,noexecstack -Wl,--as-needed -Wl,--no-copy-dt-needed-entries \
  -Wl,-z,nodelete $(LDFLAGS)
MODULE_LDFLAGS := -Wl,--version-script=src/exports.map
LIBS := -lcurl -ljson-c -lssl -lcrypto $(shell $(APR_CONFIG) --link-ld --libs 2>/dev/null)
