# SPDX-License-Identifier: Apache-2.0
# The benchmark and the counts. Included by tests/targets.mk.
#
#   make bench              CPU per request beside a trivial handler, a bare socket exchange and
#                           mod_proxy_http: every route, backends plain and TLS, at once and after
#                           5 ms, without and with tokens, 1, 64 and 256 clients: half an hour.
#                           QUICK=1 (a minute), ROUNDS=, SECONDS=, CHILDREN=, THREADS=,
#                           PATIENT=1 where others use the machine as well; PEERS=1 adds the same
#                           API in Node, Go and Rust, where node, go and cargo are (build/bench/peers,
#                           minutes the first time, from their registries; nothing is installed)
#   make bench-old REV=…    the module of another revision and this one's in turns
#   make bench-layouts      mod_items under other MPMs, numbers of children and threads, without
#                           keep-alive, with few connections; ROUNDS=, SECONDS=, PATIENT=1
#   make bench-restarts     what clients notice of graceful restarts, by ServerLimit
#   make counts             instructions and allocations per request against tests/bench/budgets.json
#   make counts-budgets     write those budgets anew
#   make counts-whole       instructions of a whole GET in httpd: the share of the claim checks, what a
#                           remembered token saves, what a bad one costs
#   make soak               memory of a child over 120,000 requests; soak.py takes any number

BENCH_SET = $(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS)) \
  $(if $(filter command line environment,$(origin SECONDS)),--seconds $(SECONDS)) \
  $(if $(PATIENT),--patient) $(if $(PEERS),--peers) $(if $(CHILDREN),--children $(CHILDREN)) \
  $(if $(THREADS),--threads $(THREADS))
BENCH_PYTHON := build/venv/bin/python -B
BENCH_PROGRAMS := $(B)/bench/backend $(B)/bench/mod_bench.so

$(B)/bench/%.o: tests/bench/%.c tests/bench/answers.h $(B)/flags
	@mkdir -p $(@D)
	@echo '  CC   $@'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(B)/bench/backend: $(B)/bench/backend.o $(B)/bench/answers.o $(B)/libitems.a
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(LIBS)

$(B)/bench/counts: $(B)/bench/counts.o $(B)/bench/conns.o $(B)/bench/answers.o $(B)/libitems.a
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(LIBS)

# As the module itself: apxs links. Its own symbols stay inside, or it would share those of
# libitems.a with mod_items.so.
$(B)/bench/mod_bench.so: $(B)/bench/mod_bench.o $(B)/bench/answers.o $(B)/libitems.a
	@rm -rf $(B)/bench/link && mkdir -p $(B)/bench/link
	@echo '  LINK $@'
	$(Q)$(APXS) -S CC='$(CC)' -c -o $(B)/bench/link/mod_bench.la \
	  $(addprefix -Wl$(,),$(ALL_LDFLAGS)) -Wl$(,)-Wl$(,)--exclude-libs=ALL $^ $(LIBS) \
	  > $(B)/bench/link/log 2>&1 || { cat $(B)/bench/link/log; exit 1; }
	@mv $(B)/bench/link/.libs/mod_bench.so $@ && rm -rf $(B)/bench/link

bench:
	@sh tests/kit/install.sh run bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@exec $(BENCH_PYTHON) tests/bench/run.py --built $(B) $(BENCH_SET)

bench-layouts:
	@sh tests/kit/install.sh run bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@exec $(BENCH_PYTHON) tests/bench/run.py --built $(B) --layouts $(BENCH_SET)

bench-restarts:
	@sh tests/kit/install.sh run bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@exec $(BENCH_PYTHON) tests/bench/restarts.py --built $(B)

bench-old:
	@git rev-parse --verify --quiet '$(REV)^{commit}' > /dev/null || { \
	  echo 'make bench-old REV=…: there is no revision "$(REV)"' >&2; exit 2; }
	@sh tests/kit/install.sh run bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@B='$(B)' tests/bench/old '$(REV)' $(BENCH_PYTHON) tests/bench/run.py --built $(B) $(BENCH_SET)

counts: $(B)/bench/counts
	@tests/verdict '$(HOW)counts' $(PYTHON) -B tests/bench/counts.py $<

counts-whole: $(B)/mod_items.so $(BENCH_PROGRAMS)
	@tests/verdict '$(HOW)counts of whole requests' $(PYTHON) -B tests/bench/whole.py --built $(B)

counts-budgets: $(B)/bench/counts
	@$(PYTHON) -B tests/bench/counts.py --write $<

soak: $(B)/mod_items.so $(B)/bench/backend
	@tests/verdict '$(HOW)soak' $(PYTHON) -B tests/bench/soak.py --built $(B) \
	  --requests 120000 --warm 40000 --grow 524288

.PHONY: bench bench-layouts bench-restarts bench-old counts counts-whole counts-budgets soak
