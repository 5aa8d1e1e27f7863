"""How to get the real Pulumi engine, also where its download site cannot be reached, and how to run it.

`python -m engine` gets one and says which and why. ONRAMP_ENGINE=path|cache|installer|build forces the way,
ONRAMP_PYTHON names the Python that runs our language host.
"""
