"""The stand-in AWS and the in-process engine."""
