"""Takes new versions live in watched steps, on all compute types."""
