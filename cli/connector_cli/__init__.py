"""The command line `facebook-connector`: the only package that may import all the others."""
