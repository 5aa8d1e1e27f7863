"""The stand-in aws and awsx provider plugins: what the real engine talks to instead of AWS."""
