"""Pictures of claims: data first, chosen by the type of statement, then one renderer."""
