"""Statistics of simulated or recorded paths, each with an interval."""
