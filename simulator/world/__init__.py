"""A small AWS with its own time and traffic, in which rollouts can be tried and tested."""
