"""What Facebook sends: kinds of events, attachments, how each is written, and the odd ways in which it may come.

Pure, and all of it tables: `rows` has a row per kind, `attachments` the types and forms of attachments, `forms` the
shapes a kind comes in, `item_variants` and `body_variants` what was seen to be odd. Nothing here is sent or stored.
"""
