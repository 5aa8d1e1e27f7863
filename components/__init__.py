"""Pulumi components: the foundation of an environment, the eight concerns, and one component for each compute type."""
