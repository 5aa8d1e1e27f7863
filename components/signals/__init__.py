"""What is watched of each kind of thing: its alarms and its graphs, decided from plain values; concerns build them."""
