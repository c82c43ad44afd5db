# SPDX-License-Identifier: Apache-2.0
# What takes longer than `make test` may. Included by tests/targets.mk.
#
#   make cover              lines and branches that the tests run, against floors (a minute and a half);
#                           V=1 names what is never reached

PROVE_PYTHON := build/venv/bin/python -B

cover:
	@sh tests/kit/install.sh run test
	+@$(MAKE) --no-print-directory PROFILE=cover B=$(B)/cover -j2 programs
	@$(PROVE_PYTHON) tests/prove/cover.py $(B)/cover

.PHONY: cover
