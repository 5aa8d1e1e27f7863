"""One component for each compute type, made of the concerns."""
