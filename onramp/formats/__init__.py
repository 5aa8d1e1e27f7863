"""A report for other programs: one module for each format, each a pure function from a `Report` to text."""
