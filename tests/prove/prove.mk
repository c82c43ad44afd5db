# SPDX-License-Identifier: Apache-2.0
# What takes longer than `make test` may. Included by tests/targets.mk.
#
#   make cover              lines and branches that the tests run, against floors (a minute and a half);
#                           V=1 names what is never reached
#   make prove              all that follows and oidc.mk's, one after the other; says first how long it
#                           takes
#   make prove-soak         a server under load for PROVE_MINUTES (10), faults behind it: memory and
#                           descriptors stay, the log is silent, every answer is right
#   make prove-fuzz         every fuzz target for PROVE_SECONDS (60) with libFuzzer
#   make prove-pool-debug   unit, replay and whole server under AddressSanitizer over an APR whose
#                           pools it can see into
#   make prove-valgrind     the whole-server suite under memcheck
#   make prove-mutate       each check of a token, taken out, must make a test fail

PROVE_PYTHON  := build/venv/bin/python -B
PROVE_MINUTES ?= 10
PROVE_SECONDS ?= 60
PROVE_STAGES  := prove-mutate prove-pool-debug prove-valgrind prove-oidc-new prove-kerberos \
  prove-fuzz prove-soak
PROVE_FUZZ    := $(FUZZ:tests/fuzz/fuzz_%.c=prove-fuzz-%)

cover:
	@sh tests/kit/install.sh run test
	+@$(MAKE) --no-print-directory PROFILE=cover B=$(B)/cover -j2 programs
	@$(PROVE_PYTHON) tests/prove/cover.py $(B)/cover

prove:
	@sh tests/kit/install.sh run test bench
	@exec env PROVE_MINUTES=$(PROVE_MINUTES) PROVE_SECONDS=$(PROVE_SECONDS) \
	  $(PROVE_PYTHON) tests/prove/run.py $(words $(PROVE_FUZZ)) $(PROVE_STAGES)

prove-mutate:
	@sh tests/kit/install.sh run test
	@$(PROVE_PYTHON) tests/prove/mutate.py

prove-pool-debug:
	@sh tests/kit/install.sh run test
	+@$(MAKE) --no-print-directory PROFILE=asan B=$(B)/asan -j2 programs
	@tests/verdict 'pool-debug APR' tests/prove/apr.sh $(B)/prove/apr
	+@export LD_LIBRARY_PATH=$$(tests/prove/apr.sh $(B)/prove/apr | tail -n 1) VERDICT_SECONDS=900; \
	  export ITEMS_HTTPD_ENV=LD_LIBRARY_PATH=$$LD_LIBRARY_PATH; \
	  exec $(EACH) PROFILE=asan B=$(B)/asan HOW='pool-debug ' unit replay check-http

prove-valgrind: $(B)/mod_items.so
	@sh tests/kit/install.sh run test
	@$(PROVE_PYTHON) tests/prove/memcheck.py $(abspath $(B)/mod_items.so)

prove-fuzz:
	@sh tests/kit/install.sh run test
	+@$(EACH) $(PROVE_FUZZ)

# An input that takes seconds is a finding too.
$(PROVE_FUZZ): prove-fuzz-%:
	+@VERDICT_SECONDS=$$(($(PROVE_SECONDS) + 300)) tests/verdict 'fuzz $* for $(PROVE_SECONDS) s' \
	  $(MAKE) --no-print-directory T=$* S=$(PROVE_SECONDS) fuzz

prove-soak:
	@sh tests/kit/install.sh run test bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@$(PROVE_PYTHON) tests/prove/soak.py --built $(B) --minutes $(PROVE_MINUTES)

.PHONY: cover prove $(filter-out prove-oidc-new prove-kerberos,$(PROVE_STAGES)) $(PROVE_FUZZ)
