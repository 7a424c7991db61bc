"""The log of profiles: whom Facebook is to be asked for, and what it said."""
