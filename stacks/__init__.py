"""What a stack is, as plain values: models, tier defaults, validation, limits. No resources, no AWS calls."""
