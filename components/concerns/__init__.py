"""The eight concerns of a service, each written once and used by every compute type it applies to."""
