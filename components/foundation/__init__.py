"""What the services of an environment share."""
