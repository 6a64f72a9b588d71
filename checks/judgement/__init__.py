"""From values to a finding: points, comparisons, definedness, provers, and the only place that makes findings."""
