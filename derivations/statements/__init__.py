"""Types of statement: what a claim can assert."""
