"""Whether this installation is set up as it should be: `facts` are gathered, `judging` says what they mean, `check`
carries out one check after another, and one that fails costs itself."""
