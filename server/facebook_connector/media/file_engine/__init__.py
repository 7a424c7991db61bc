"""Expertflow's File Engine: what it calls its files, what its answers mean, and the calls."""
