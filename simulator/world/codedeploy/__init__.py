"""CodeDeploy for functions and for container services."""
