"""`facebook-connector demo`: the whole way on this machine, in one process.

Sandbox, gateway, server and CCM are tasks that meet on real ports, as they would meet as processes; so nothing can be
left behind, however the demo ends. `cast` is what is said, `stage` what runs, `ccm` who answers, `view` what is shown,
`tally` what is counted, `play` the course of events.
"""
