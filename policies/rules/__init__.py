"""The rules, by group of the checklist; `policies.catalog` puts them in order."""
