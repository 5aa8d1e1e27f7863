"""The command line: it asks the other rooms, and shows what they answer to a person or to a program."""
