"""ECS services: rolling deployments, and those that shift traffic between two target groups."""
