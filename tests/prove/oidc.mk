# SPDX-License-Identifier: Apache-2.0
# Part of what takes longer than `make test` may. Included by tests/targets.mk.
#
#   make prove-oidc-new     tokens and the shipped configuration with the newest mod_auth_openidc that
#                           Debian has, built from its source (three minutes)
#   make prove-kerberos     mod_auth_gssapi in a realm of our own (half a minute)

OIDC_TESTS := tests/http/test_tokens.py tests/http/test_auth.py tests/http/test_cognito_conf.py \
  tests/http/test_key_ids.py tests/http/test_token_memory.py tests/http/test_sessions.py

prove-oidc-new: $(B)/mod_items.so
	@sh tests/kit/install.sh run test
	@sh tests/prove/oidc.sh build/oidc
	@exec env ITEMS_MODULE='$(abspath $(B)/mod_items.so)' ITEMS_OIDC_MODULE='$(abspath build/oidc/mod_auth_openidc.so)' \
	  VERDICT_SECONDS=600 tests/verdict 'prove newest mod_auth_openidc' \
	  build/venv/bin/python -B -m pytest $(OIDC_TESTS)

prove-kerberos: $(B)/mod_items.so
	@sh tests/kit/install.sh run test
	@sh tests/prove/kerberos.sh build/kerberos
	@exec env ITEMS_MODULE='$(abspath $(B)/mod_items.so)' PYTHONPATH=tests/http:tests/kit \
	  tests/verdict 'prove Kerberos' build/venv/bin/python -B -m pytest -c tests/http/pytest.ini \
	  -p conftest tests/prove/test_kerberos.py

.PHONY: prove-oidc-new prove-kerberos
