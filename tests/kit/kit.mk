# SPDX-License-Identifier: Apache-2.0
# `make run`. Included by tests/targets.mk.
#
# TABLE= and REGION=: a real table, with your own AWS_* keys. PORT=: another port than 8080.

KIT_PYTHON := build/venv/bin/python

run:
	@sh tests/kit/install.sh run
	@$(MAKE) --no-print-directory all
	@exec $(KIT_PYTHON) -B tests/kit/run.py $(if $(TABLE),--table '$(TABLE)') \
	  $(if $(REGION),--region '$(REGION)') $(if $(PORT),--port '$(PORT)')

check-http: PYTHON := $(KIT_PYTHON) -B

.PHONY: run
