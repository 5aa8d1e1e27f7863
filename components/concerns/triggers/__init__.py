"""What invokes a function; everything that does calls the alias `live`."""
