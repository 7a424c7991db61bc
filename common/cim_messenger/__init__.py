"""Facebook's language and CIM's, and the way between them.

Pure: values in, values out. Nothing here reads a clock, draws a random number, logs, or touches a socket or a file, so
the same input always gives the same output.
"""
