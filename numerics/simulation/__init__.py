"""The face of the simulation engine: paths of an equation, exits, stability."""
