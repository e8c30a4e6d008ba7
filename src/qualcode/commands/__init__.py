"""The commands that people run: they may add files to a study, and never overwrite or delete what a person wrote."""
