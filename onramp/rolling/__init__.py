"""How the rollout commands work: where the ledger is, what is asked of Pulumi, and ticks until it is time to stop.

- `surroundings`: what the commands reach outside of this process; the one thing that tests replace.
- `stack`: the stack, by the Automation API.
- `place`: the ledger, and who somebody is.
- `session`: one command at work; `looking` before a rollout, `doing` while it goes on.
- `trouble`: what went wrong, for people.
- `actions`: what GitHub shows.
- `documents`: the JSON contract.
"""
