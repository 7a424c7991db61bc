"""The CDN's side: files people send, under signed links that expire, and all that can go wrong when they are fetched.

`kinds` is the table of media, `faults` that of what goes wrong, `shelf` holds files and counts who fetched them,
`links` signs, `route` serves. Whoever has a link may fetch; no token belongs here, and the counters tell if one came.
"""
