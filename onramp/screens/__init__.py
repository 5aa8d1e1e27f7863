"""What a person sees: one module for each command, drawn with rich."""
