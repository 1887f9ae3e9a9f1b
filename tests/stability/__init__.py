"""Do the outcomes stay the same, run after run, on a machine that is busy?"""
