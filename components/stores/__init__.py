"""Tables and databases: what a service that owns them builds, and what a process needs in order to use them."""
