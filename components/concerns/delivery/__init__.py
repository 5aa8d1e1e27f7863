"""How a new version goes live, for each way of shifting, and who hears of it when it does not."""
